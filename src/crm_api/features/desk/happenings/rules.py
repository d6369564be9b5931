"""What happens to a ticket, and what each deed makes of its clocks, as pure functions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from crm_api.features.desk.terms.schemas import ClockKind, TicketCategory
from crm_api.features.desk.ticking.schemas import Clock, dropped, met, taken_up

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


def _ended(clock: Clock, at: datetime, fulfilled: bool) -> Clock:
    """Who resolves what nobody has answered needs no answer any more."""
    if not clock.open:
        return clock
    resolves = fulfilled and clock.kind is ClockKind.resolution
    return met(clock, at) if resolves else dropped(clock, at)


def _reopened(clock: Clock) -> Clock:
    return taken_up(clock) if clock.kind is ClockKind.resolution or clock.dropped_at else clock
