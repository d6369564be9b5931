"""For which unit somebody makes a record, and whether he will see what he makes: pure functions."""

from collections.abc import Iterable
from uuid import UUID

from crm_api.kit.actor import Actor

from .errors import NotYours, NotYourUnit, SayUnit


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


def check_own(
    actor: Actor, scope: str, unit: UUID, users: Iterable[UUID | None], field: str = "owner_id"
) -> None:
    """That whoever makes a record of a unit, on which some users work, reaches it afterwards.

    Raises NotYours, of the field that could name him.
    """
    reached = actor.reach.viewers.get(scope)
    if reached is not None and reached.isdisjoint({unit, *users}):
        raise NotYours(field)
