from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


def _wrong(field: str, code: str, message: Words) -> FieldError:
    return {"pointer": f"/{field}", "code": code, "message": message}


class IncompleteReceipt(Invalid):
    """A receipt that is seen for the first time needs some fields."""

    def __init__(self, fields: Iterable[str]) -> None:
        message = say("This field is required for a receipt that is not there yet.")
        wrong = (_wrong(name, "missing", message) for name in fields)
        super().__init__(say("No receipt has this external id yet."), *wrong)


class HalfAnEvent(Invalid):
    def __init__(self, missing: str) -> None:
        message = say("Send both `provider` and `provider_event_id`, or none of them.")
        super().__init__(message, _wrong(missing, "missing", message))


class LessThanAllocated(Invalid):
    def __init__(self) -> None:
        message = say("Send `allocations` that fit it, too.")
        wrong = _wrong("amount", "less_than_allocated", message)
        super().__init__(say("More is allocated, or in another currency."), wrong)


class SettledReceipt(Conflict):
    """What a receipt says of money that came in stays so once it is confirmed."""

    def __init__(self, fields: Iterable[str], status: str) -> None:
        message = say("A receipt that is {status} keeps it.", status=status)
        wrong = (_wrong(name, "receipt_settled", message) for name in fields)
        super().__init__(say("Reverse the receipt, and write another one."), *wrong)


class NotConfirmed(Conflict):
    def __init__(self, status: str) -> None:
        super().__init__(say("The receipt is {status}: only confirmed ones pay.", status=status))


class ReversalStays(Conflict):
    def __init__(self) -> None:
        super().__init__(say("A reversal is not reversed: write a new receipt."))


class AllocatedDraft(Conflict):
    """Whoever sends receipts by their external ids does not change orders with them."""

    def __init__(self) -> None:
        message = say("Confirm it by its own operation: it pays for orders.")
        wrong = _wrong("status", "allocated", message)
        super().__init__(say("The draft is allocated to orders."), wrong)
