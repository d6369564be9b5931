from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class WrongItems(Invalid):
    """Items that cannot be told apart, or are not there."""

    def __init__(self, *wrong: FieldError) -> None:
        super().__init__(say("The items of a checklist are told apart by their keys."), *wrong)
