from crm_api.kit.errors import Conflict, FieldError
from crm_api.kit.words import say


class NotUnderWay(Conflict):
    """Nothing is shipped or paid of an order that is a draft, or that is cancelled."""

    def __init__(self, status: str, place: str) -> None:
        wrong: FieldError = {
            "pointer": place,
            "code": "order_not_under_way",
            "message": say("Confirm the order first, or send another one."),
        }
        super().__init__(say("The order is {status}.", status=status), wrong)
