from crm_api.kit.errors import Conflict, FieldError, Forbidden, Invalid
from crm_api.kit.words import Words, say


class ArchivedUnit(Conflict):
    """A unit that is out of use takes on no customers."""

    def __init__(self) -> None:
        super().__init__(say("This business unit is archived: it takes on no customers."))


class OnlyShared(Forbidden):
    """A unit that sees a customer of others for a time would see it for ever by its profile."""

    def __init__(self) -> None:
        super().__init__(
            say("Others share this customer with you: it is no customer of your units.")
        )


class SayUnit(Invalid):
    """Who sees the customers of some units only makes customers of one of them."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "header:Crm-Business-Unit",
            "code": "missing",
            "message": say("You work in several units: send the id of the one that this is for."),
        }
        super().__init__(say("It is not clear for which unit this customer is."), wrong)


class WrongExpiry(Invalid):
    """A time at which no grade can end."""

    def __init__(self, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": "/grade_expires_at", "code": code, "message": message}
        super().__init__(say("The grade cannot end then."), wrong)
