from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say


class UnfitQuota(Invalid):
    """No forecast could be held against this quota."""

    def __init__(self, place: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": f"/{place}", "code": code, "message": message}
        super().__init__(say("No forecast could be held against this quota."), wrong)
