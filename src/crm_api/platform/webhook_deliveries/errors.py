from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class EndpointDisabled(Conflict):
    def __init__(self) -> None:
        super().__init__(say("The endpoint is disabled: enable it before you send to it."))


class BeingSent(Conflict):
    def __init__(self) -> None:
        super().__init__(
            say("It is being sent at this moment: look at it again in a moment."),
            headers={"Retry-After": "5"},
        )


class NotInWindow(Invalid):
    """Times between which nothing is kept, or nothing can be."""

    def __init__(self, member: str, days: int) -> None:
        message = say("Send a time of the last {days} days, and one after it.", days=days)
        error: FieldError = {"pointer": f"/{member}", "code": "not_in_window", "message": message}
        super().__init__(say("Nothing can be replayed between these times."), error)
