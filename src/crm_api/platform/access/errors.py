from crm_api.kit.errors import FieldError, Forbidden, Invalid
from crm_api.kit.words import say


class NotYourUnit(Invalid):
    """A unit that is not there, or where the caller has nothing to do."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "header:Crm-Business-Unit",
            "code": "unknown_reference",
            "message": say("Send the id of a unit that your roles reach, or leave the header out."),
        }
        super().__init__(say("The request cannot be narrowed to this unit."), wrong)


class NotOnBehalf(Forbidden):
    """Whoever acts for others says so with a right of its own, and for active users."""

    def __init__(self) -> None:
        super().__init__(
            say("You cannot act on behalf of this user: it is not there, or not active.")
        )
