from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say


class UnfitTotals(Invalid):
    """Lines that come to what no document can be about."""

    def __init__(self, pointer: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": pointer, "code": code, "message": message}
        super().__init__(say("The lines do not come to a sum that can be."), wrong)
