from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class SameCurrency(Invalid):
    """One unit of a currency is one unit of it, on every day."""

    def __init__(self, currency: str) -> None:
        wrong: FieldError = {
            "pointer": "/currency",
            "code": "same_currency",
            "message": say("Send another currency than {currency}.", currency=currency),
        }
        super().__init__(say("A rate leads from one currency to another."), wrong)
