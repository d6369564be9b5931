from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class NothingToRoute(Conflict):
    """A ticket that is done is given to nobody."""

    def __init__(self) -> None:
        super().__init__(say("The ticket is resolved or closed: there is nothing to give."))


class NoQueue(Invalid):
    """A ticket that is in no queue goes to one that is said."""

    def __init__(self) -> None:
        message = say("The ticket is in no queue: send one.")
        wrong: FieldError = {"pointer": "/queue_id", "code": "no_queue", "message": message}
        super().__init__(message, wrong)
