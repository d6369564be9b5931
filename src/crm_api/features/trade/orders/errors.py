from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class IncompleteOrder(Invalid):
    """An order that is seen for the first time is of nobody."""

    def __init__(self) -> None:
        message = say("Send the customer, or the deal that it comes from.")
        super().__init__(
            say("A new order needs a customer."),
            {"pointer": "/customer_id", "code": "missing", "message": message},
        )


class UnfitOrder(Invalid):
    """Fields of an order that do not fit one another."""

    def __init__(self, pointer: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": pointer, "code": code, "message": message}
        super().__init__(say("The fields of the order do not fit one another."), wrong)


class EmptyOrder(Conflict):
    def __init__(self) -> None:
        message = say("Add what is ordered before you confirm it.")
        super().__init__(
            say("Nothing is ordered."), {"pointer": "/lines", "code": "empty", "message": message}
        )


class SettledOrder(Conflict):
    """What an order was about when it was confirmed, or when it ended, stays so."""

    def __init__(self, fields: Iterable[str], status: str) -> None:
        message = say("An order that is {status} keeps it.", status=status)
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "order_settled", "message": message} for name in fields
        ]
        super().__init__(say("The order has come too far for this change."), *wrong)


class GoodsGone(Conflict):
    """What has been shipped or invoiced is returned or credited, and not cancelled."""

    def __init__(self) -> None:
        super().__init__(say("Some of it has been shipped or invoiced: return it instead."))
