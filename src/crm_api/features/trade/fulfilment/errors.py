from crm_api.kit.errors import Conflict, FieldError, Forbidden
from crm_api.kit.words import say


class OrderOfOthers(Forbidden):
    """Whoever ships goods, or takes them back, reaches the order's unit, or owns the order."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/order_id",
            "code": "not_yours",
            "message": say("Send an order of a unit that you work in, or that you reach."),
        }
        super().__init__(say("Your roles do not reach what is shipped of this order."), wrong)


class NothingLeft(Conflict):
    """All goods of an order have left already, or it has none."""

    def __init__(self) -> None:
        message = say("Send lines of an order of which something is left to ship.")
        super().__init__(
            say("Nothing of the order is left to ship."),
            {"pointer": "/order_id", "code": "nothing_left", "message": message},
        )
