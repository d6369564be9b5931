from crm_api.kit.errors import Conflict, Invalid, UnknownReference
from crm_api.kit.words import Words, say


class UnknownPlace(UnknownReference):
    """The parent, the legal entity or the unit is not there."""

    def __init__(self, field: str) -> None:
        super().__init__(
            say("The request refers to a record that is not there."),
            {
                "pointer": f"/{field}",
                "code": "unknown_reference",
                "message": say("There is no such record."),
            },
        )


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
