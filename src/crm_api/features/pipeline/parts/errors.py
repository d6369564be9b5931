from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class UnfitDeal(Invalid):
    """Parts of a deal that do not fit one another."""

    def __init__(self, pointer: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": pointer, "code": code, "message": message}
        super().__init__(say("The parts of the deal do not fit one another."), wrong)


class ArchivedCustomer(Conflict):
    def __init__(self) -> None:
        message = say("Restore the customer, or send another one.")
        super().__init__(
            say("The customer is archived."),
            {"pointer": "/customer_id", "code": "customer_archived", "message": message},
        )
