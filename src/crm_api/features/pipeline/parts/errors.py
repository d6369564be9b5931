from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say


class UnfitDeal(Invalid):
    """Parts of a deal that do not fit one another."""

    def __init__(self, pointer: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": pointer, "code": code, "message": message}
        super().__init__(say("The parts of the deal do not fit one another."), wrong)
