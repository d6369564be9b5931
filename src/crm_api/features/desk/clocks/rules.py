"""The clocks of a ticket, as pure functions of what happens to it.

Each happening is told with its instant. First time passes until then, under what held until then;
so it is all the same how often, and how late, somebody looks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from crm_api.features.desk.spans.schemas import Time
from crm_api.features.desk.terms.schemas import ClockKind, TicketCategory
from crm_api.features.desk.ticking.schemas import (
    Clock,
    Terms,
    dropped,
    going,
    met,
    passed,
    taken_up,
)

DONE = frozenset((TicketCategory.resolved, TicketCategory.closed))


@dataclass(frozen=True, slots=True)
class Clocks:
    """Of each kind the latest; `answered` once a first answer was given to who asked."""

    category: TicketCategory
    answered: bool
    all: tuple[Clock, ...]

    def of(self, kind: ClockKind) -> Clock | None:
        return next((clock for clock in self.all if clock.kind is kind), None)

    def latest(self) -> datetime:
        return max(clock.latest() for clock in self.all)

    def each(self, change: Callable[[Clock], Clock]) -> "Clocks":
        return replace(self, all=tuple(map(change, self.all)))


Happening = Callable[[Clocks, datetime], Clocks]
"""What a deed makes of clocks, before they go on."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """Under which terms clocks go on, and by which hours."""

    terms: Terms
    time: Time


def begin(at: datetime, ruled: Ruled, category: TicketCategory = TicketCategory.open) -> Clocks:
    kinds = (ClockKind.first_response, ClockKind.resolution)
    clocks = Clocks(category, False, tuple(Clock(kind, 1, at) for kind in kinds))
    return follow(clocks, [], at, ruled)


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


def customer_wrote(clocks: Clocks, at: datetime) -> Clocks:
    """After a first answer each message asks for another, until there is one."""
    last = clocks.of(ClockKind.next_response)
    waits = last is not None and last.met_at is None
    if waits or not clocks.answered or clocks.category is TicketCategory.closed:
        return clocks
    new = Clock(ClockKind.next_response, last.number + 1 if last else 1, at)
    return replace(clocks, all=(*(clock for clock in clocks.all if clock is not last), new))


def agent_replied(clocks: Clocks, at: datetime) -> Clocks:
    """In public, that is: a note answers nobody."""
    if clocks.category is TicketCategory.closed:
        return clocks

    def answer(clock: Clock) -> Clock:
        asks = clock.kind is not ClockKind.resolution and clock.met_at is None
        return met(clock, at) if asks else clock

    return replace(clocks.each(answer), answered=True)


def moved(to: TicketCategory, *, fulfilled: bool = True) -> Happening:
    """The ticket is of another category; closed without being `fulfilled`, it was no work."""

    def move(clocks: Clocks, at: datetime) -> Clocks:
        was, now_done = clocks.category in DONE, to in DONE
        clocks = replace(clocks, category=to)
        if now_done and not was:
            return clocks.each(lambda clock: _ended(clock, at, fulfilled))
        return clocks.each(_reopened) if was and not now_done else clocks

    return move


def simulate(
    history: Iterable[tuple[datetime, Happening]], start: datetime, end: datetime, ruled: Ruled
) -> Clocks:
    """What would have become of a ticket's clocks by `end`, under these terms all along."""
    clocks = begin(start, ruled)
    for at, deed in history:
        clocks = follow(clocks, [deed], at, ruled)
    return pass_time(clocks, end)


def _ended(clock: Clock, at: datetime, fulfilled: bool) -> Clock:
    """Who resolves what nobody has answered needs no answer any more."""
    if not clock.open:
        return clock
    resolves = fulfilled and clock.kind is ClockKind.resolution
    return met(clock, at) if resolves else dropped(clock, at)


def _reopened(clock: Clock) -> Clock:
    return taken_up(clock) if clock.kind is ClockKind.resolution or clock.dropped_at else clock
