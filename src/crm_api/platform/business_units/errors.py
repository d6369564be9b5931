from crm_api.kit.errors import Conflict, Invalid
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
