"""For which unit somebody makes a record, and whether he will see what he makes: pure functions."""

from collections.abc import Iterable
from uuid import UUID

from crm_api.kit.actor import Actor
from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import Words, say


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


def working_unit(actor: Actor, scope: str, said: UUID | None) -> UUID:
    """The unit that is said, else the one that he works in: one that he works in or reaches by a
    scope such as `deals:write`. Raises SayUnit, NotYourUnit."""
    chosen = said or actor.reach.home
    if chosen is None:
        raise SayUnit
    reached, within = actor.reach.viewers.get(scope), actor.reach.within
    mine = reached is None or chosen in reached or chosen in actor.reach.units
    if not mine or chosen not in (within or {chosen}):
        raise NotYourUnit
    return chosen


def reaches(actor: Actor, scope: str, unit: UUID | None, users: Iterable[UUID | None]) -> bool:
    """Whether somebody reaches a record of a unit, on which some users work, by a scope such as
    `deals:write` that he holds."""
    reached, within = actor.reach.viewers.get(scope), actor.reach.within
    mine = reached is None or not reached.isdisjoint({unit, *users})
    return mine and (within is None or unit in within)


def check_own(
    actor: Actor,
    scope: str,
    unit: UUID | None,
    users: Iterable[UUID | None],
    field: str = "owner_id",
) -> None:
    """That whoever makes a record of a unit, on which some users work, reaches it afterwards.

    Raises NotYours, of the field that could name him.
    """
    if not reaches(actor, scope, unit, users):
        raise NotYours(field)
