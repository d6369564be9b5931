from crm_api.kit.errors import Conflict
from crm_api.kit.words import say


class StillAbove(Conflict):
    """A category that live ones stand below is not archived."""

    def __init__(self) -> None:
        super().__init__(say("Live categories stand below this one: move or archive them first."))
