"""The clocks of a ticket, as pure functions of what happens to it.

Each happening is told with its instant. First time passes until then, under what held until then;
so it is all the same how often, and how late, somebody looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from crm_api.features.desk.happenings.schemas import (
    DONE,
    Clocks,
    Happening,
    agent_replied,
    customer_wrote,
)
from crm_api.features.desk.spans.schemas import Time
from crm_api.features.desk.terms.schemas import ClockKind, TicketCategory
from crm_api.features.desk.ticking.schemas import Clock, Terms, going, passed


@dataclass(frozen=True, slots=True)
class Ruled:
    """Under which terms clocks go on, and by which hours."""

    terms: Terms
    time: Time


def begin(at: datetime, ruled: Ruled, category: TicketCategory = TicketCategory.open) -> Clocks:
    kinds = (ClockKind.first_response, ClockKind.resolution)
    clocks = Clocks(category, False, tuple(Clock(kind, 1, at) for kind in kinds))
    return follow(clocks, [], at, ruled)


def each_kind(at: datetime, ruled: Ruled) -> list[Clock]:
    """As all clocks of a ticket would begin at an instant."""
    first, resolution = begin(at, ruled).all
    asked = follow(begin(at, ruled), [agent_replied, customer_wrote], at, ruled)
    return [first, *(c for c in asked.all if c.kind is ClockKind.next_response), resolution]


def follow(clocks: Clocks, deeds: Iterable[Happening], at: datetime, ruled: Ruled) -> Clocks:
    """What becomes of clocks by deeds of one instant, or by other terms alone, without any.

    An instant before one that is known counts as that one: work that waited for its turn.
    """
    at = max(at, clocks.latest())
    before = pass_time(clocks, at)
    after = reduce(lambda so_far, deed: deed(so_far, at), deeds, before)
    counts = after.category not in DONE | ruled.terms.pauses_on

    def go(clock: Clock) -> Clock:
        return going(clock, at, counts, ruled.terms, ruled.time) if clock.open else clock

    return pass_time(after.each(go), at)


def pass_time(clocks: Clocks, now: datetime) -> Clocks:
    """What has become of clocks by themselves: breaches, and steps that are due."""
    return clocks.each(lambda clock: passed(clock, now) if clock.open else clock)


def next_moment(clocks: Clocks) -> datetime | None:
    """When to look at them again."""
    moments = (clock.next() for clock in clocks.all)
    return min((at for at in moments if at is not None), default=None)


def due_at(clocks: Clocks) -> datetime | None:
    """The earliest time by which something has still to be done in time."""
    still = (clock.due_at for clock in clocks.all if clock.open and not clock.breached_at)
    return min((at for at in still if at is not None), default=None)


def simulate(
    history: Iterable[tuple[datetime, Happening]], start: datetime, end: datetime, ruled: Ruled
) -> Clocks:
    """What would have become of a ticket's clocks by `end`, under these terms all along."""
    clocks = begin(start, ruled)
    for at, deed in history:
        clocks = follow(clocks, [deed], at, ruled)
    return pass_time(clocks, end)
