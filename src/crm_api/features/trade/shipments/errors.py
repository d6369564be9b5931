from collections.abc import Iterable

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class IncompleteShipment(Invalid):
    """A shipment that is seen for the first time needs an order."""

    def __init__(self) -> None:
        message = say("This field is required for a shipment that is not there yet.")
        super().__init__(
            say("No shipment has this external id yet."),
            {"pointer": "/order_id", "code": "missing", "message": message},
        )


class SettledShipment(Conflict):
    """A shipment stays one of its order; what has left stays what left."""

    def __init__(self, fields: Iterable[str], status: str) -> None:
        message = say("A shipment that is {status} keeps it.", status=status)
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "shipment_settled", "message": message}
            for name in fields
        ]
        super().__init__(say("The shipment has come too far for this change."), *wrong)


class TrackedTooOften(Invalid):
    def __init__(self, most: int) -> None:
        wrong: FieldError = {
            "pointer": "/events",
            "code": "too_long",
            "message": say("A shipment has {most} of these at most.", most=most),
            "params": {"max_length": most},
        }
        super().__init__(say("The shipment would have too many tracking events."), wrong)
