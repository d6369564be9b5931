from uuid import UUID

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import say


class TooLateToReopen(Conflict):
    """A ticket that was resolved long ago is followed by another one."""

    def __init__(self, days: int) -> None:
        super().__init__(
            say(
                "A ticket is opened again within {days} days after it was resolved: make another.",
                days=days,
            )
        )


class ClosedTicket(Conflict):
    def __init__(self) -> None:
        super().__init__(say("The ticket is closed."))


class TooEarly(Invalid):
    """A ticket is snoozed until a time that is still to come."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/until",
            "code": "too_early",
            "message": say("Send a time that is still to come."),
        }
        super().__init__(say("This time is over."), wrong)


class GoesOnElsewhere(Exception):
    """A ticket is merged: what was to happen to it happens to the one that goes on in its place."""

    def __init__(self, into: UUID) -> None:
        super().__init__(into)
        self.into = into
