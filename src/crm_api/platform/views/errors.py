from crm_api.kit.errors import Forbidden
from crm_api.kit.words import say


class NotTheOwner(Forbidden):
    """Whoever shares a view lets others look through it, and not change it."""

    def __init__(self) -> None:
        super().__init__(say("Only its owner, or a key with the scope *, changes a shared view."))
