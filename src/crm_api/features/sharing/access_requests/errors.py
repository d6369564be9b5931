from crm_api.kit.errors import Conflict, FieldError, Forbidden, Invalid
from crm_api.kit.words import Words, say


class _WrongUnit(Invalid):
    def __init__(self, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": "/business_unit_id", "code": code, "message": message}
        super().__init__(say("It is not clear for which unit you ask."), wrong)


class SayUnit(_WrongUnit):
    """Who works in several units says for which of them he asks."""

    def __init__(self) -> None:
        super().__init__("missing", say("You work in several units: say for which one this is."))


class NotYourUnit(_WrongUnit):
    def __init__(self) -> None:
        super().__init__("not_yours", say("Send a unit that you work in, or that you reach."))


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
