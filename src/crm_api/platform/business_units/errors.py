from datetime import date

from crm_api.kit.errors import Conflict, Invalid, UnknownReference
from crm_api.kit.words import say


class UnknownPlace(UnknownReference):
    """The parent or the legal entity is not there."""

    def __init__(self, field: str) -> None:
        super().__init__(
            say("The request refers to a record that is not there."),
            {
                "pointer": f"/{field}",
                "code": "unknown_reference",
                "message": say("There is no such record."),
            },
        )


class ArchivedPlace(Invalid):
    """Nothing is put where nothing is going on any more."""

    def __init__(self, field: str) -> None:
        super().__init__(
            say("A live record cannot belong to an archived one."),
            {
                "pointer": f"/{field}",
                "code": "archived_reference",
                "message": say("This record is archived: restore it, or send another."),
            },
        )


class CircularUnits(Invalid):
    """On no date does a unit stand below itself."""

    def __init__(self) -> None:
        super().__init__(
            say("A business unit cannot stand below itself, on any date."),
            {
                "pointer": "/parent_id",
                "code": "circular_parent",
                "message": say("Send a unit that is not this one and not below it."),
            },
        )


class TooDeep(Invalid):
    def __init__(self, most: int) -> None:
        super().__init__(
            say("The tree of business units would be too deep."),
            {
                "pointer": "/parent_id",
                "code": "too_deep",
                "message": say("The tree has {most} levels at most.", most=most),
                "params": {"most": most},
            },
        )


class NotThereYet(Invalid):
    """A unit stands nowhere, and has nothing below it, before its first period."""

    def __init__(self, first: date) -> None:
        super().__init__(
            say("The units were not there yet on that date."),
            {
                "pointer": "/on",
                "code": "too_early",
                "message": say("Send {date} or a later date.", date=first.isoformat()),
            },
        )


class ClosesTooEarly(Invalid):
    def __init__(self) -> None:
        super().__init__(
            say("A business unit closes after it opens."),
            {
                "pointer": "/closes_on",
                "code": "closes_too_early",
                "message": say("Send a date after `opens_on`."),
            },
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
