from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class WrongPlace(Invalid):
    """A unit, or what belongs to one, cannot be there, or not on that date."""

    def __init__(self, field: str, code: str, message: Words, **params: int) -> None:
        super().__init__(
            say("The tree of business units cannot be so."),
            {"pointer": f"/{field}", "code": code, "message": message, "params": params},
        )


class TooManyUnits(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(say("A tenant has {most} live business units at most.", most=most))


class TooManyPeriods(Conflict):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("A business unit has {most} periods at most: plan fewer moves.", most=most)
        )


class StillInUse(Conflict):
    """What live units stand below, or belong to, now or by plan, is not archived."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "Live business units belong to this record, now or by plan: move or archive "
                "them first."
            )
        )


class _WrongWorkingUnit(Invalid):
    def __init__(self, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": "/business_unit_id", "code": code, "message": message}
        super().__init__(say("It is not clear for which business unit this is."), wrong)


class SayUnit(_WrongWorkingUnit):
    """Who works in several units, or in none, says for which of them something is."""

    def __init__(self) -> None:
        super().__init__("missing", say("Say for which business unit this is."))


class NotYourUnit(_WrongWorkingUnit):
    def __init__(self) -> None:
        super().__init__("not_yours", say("Send a unit that you work in, or that you reach."))


class NotYours(Invalid):
    """Whoever reaches his own records only makes records of his own."""

    def __init__(self, field: str) -> None:
        message = say("You would not see this record: send yourself, or leave it out.")
        super().__init__(
            say("Your roles reach your own records only."),
            {"pointer": f"/{field}", "code": "not_yours", "message": message},
        )
