from crm_api.kit.errors import Conflict, Forbidden
from crm_api.kit.words import say


class TooLate(Conflict):
    def __init__(self) -> None:
        super().__init__(say("This request has expired: the unit can ask again."))


class OwnRequest(Forbidden):
    """Nobody decides on what he has asked for himself."""

    def __init__(self) -> None:
        super().__init__(say("Somebody else decides on what you have asked for."))


class OthersDecide(Forbidden):
    """Who sees a request does not always reach the customer."""

    def __init__(self) -> None:
        super().__init__(say("Those decide who may change the customer."))


class OthersAsked(Forbidden):
    """A request is withdrawn by those who have asked."""

    def __init__(self) -> None:
        super().__init__(say("Only the unit that has asked can withdraw it: you can reject it."))
