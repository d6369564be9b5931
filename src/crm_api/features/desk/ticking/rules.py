"""One clock of a ticket, as pure functions: what it counts, when it is due, what became of it.

It is due at the first instant by which its target has gone by. What meets it before that instant
is in time; at the instant itself it is breached, once and for all: nothing that is agreed later
makes it in time again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.features.desk.spans.schemas import Stretch, Time, moments, started, stopped
from crm_api.features.desk.terms.schemas import ClockKind, ClockState, StepAction, TicketCategory


@dataclass(frozen=True, slots=True)
class Step:
    """What is done when so much of the target has gone by, or so many minutes from the due time."""

    action: StepAction
    at_percent: int | None
    at_minutes: int | None
    user_ids: tuple[UUID, ...] = ()
    at: datetime | None = None
    told: bool = False

    def same(self, other: "Step") -> bool:
        mine = (self.action, self.at_percent, self.at_minutes)
        return mine == (other.action, other.at_percent, other.at_minutes)

    def after(self, target: timedelta) -> timedelta:
        """How much time goes by before it."""
        if self.at_percent is not None:
            return target * self.at_percent / 100
        return target + timedelta(minutes=self.at_minutes or 0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says for tickets of one priority; targets in seconds."""

    policy_id: UUID | None = None
    policy_version: int | None = None
    calendar_id: UUID | None = None
    targets: Mapping[ClockKind, int] = field(default_factory=dict)
    pauses_on: frozenset[TicketCategory] = frozenset((TicketCategory.waiting_customer,))
    steps: Mapping[ClockKind, tuple[Step, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """`number` counts those of its kind. Without a target it counts all the same: a policy may
    give one later. What ended it leaves `dropped_at`, unless it was met."""

    kind: ClockKind
    number: int
    started_at: datetime
    stretches: tuple[Stretch, ...] = ()
    target: int | None = None
    policy_id: UUID | None = None
    policy_version: int | None = None
    calendar_id: UUID | None = None
    steps: tuple[Step, ...] = ()
    due_at: datetime | None = None
    breached_at: datetime | None = None
    met_at: datetime | None = None
    dropped_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.met_at is None and self.dropped_at is None

    @property
    def runs(self) -> bool:
        return self.open and bool(self.stretches) and self.stretches[-1][1] is None

    @property
    def state(self) -> ClockState:
        if self.met_at is not None:
            return ClockState.met_late if self.breached_at else ClockState.met
        if self.breached_at is not None:
            return ClockState.breached
        if self.dropped_at is not None:
            return ClockState.cancelled
        return ClockState.running if self.runs else ClockState.paused

    def next(self) -> datetime | None:
        """When something becomes of it by itself."""
        if not self.open:
            return None
        due = None if self.breached_at else self.due_at
        told = (step.at for step in self.steps if not step.told)
        return min((at for at in (due, *told) if at is not None), default=None)

    def latest(self) -> datetime:
        last = (at for stretch in self.stretches[-1:] for at in stretch)
        told = (self.started_at, self.met_at, self.dropped_at, *last)
        return max(at for at in told if at is not None)


def met(clock: Clock, at: datetime) -> Clock:
    return replace(clock, met_at=at, dropped_at=None, stretches=stopped(clock.stretches, at))


def dropped(clock: Clock, at: datetime) -> Clock:
    return replace(clock, dropped_at=at, stretches=stopped(clock.stretches, at))


def taken_up(clock: Clock) -> Clock:
    """It was ended too early, and goes on."""
    return replace(clock, met_at=None, dropped_at=None)


def going(clock: Clock, at: datetime, counts: bool, terms: Terms, time: Time) -> Clock:
    """An open clock as it goes on: runs or stands, under these terms, unless they come too late."""
    change = started if counts else stopped
    under: dict[str, Any] = {} if clock.breached_at else _under(clock, terms)
    return _timed(replace(clock, stretches=change(clock.stretches, at), **under), time)


def passed(clock: Clock, now: datetime) -> Clock:
    """What has become of an open clock by now, by itself."""
    due = clock.due_at if clock.due_at and clock.due_at <= now else None
    steps = tuple(replace(s, told=s.told or bool(s.at and s.at <= now)) for s in clock.steps)
    return replace(clock, breached_at=clock.breached_at or due, steps=steps)


def _under(clock: Clock, terms: Terms) -> dict[str, Any]:
    told = [step for step in clock.steps if step.told]
    steps = terms.steps.get(clock.kind, ())
    return {
        "target": terms.targets.get(clock.kind),
        "policy_id": terms.policy_id,
        "policy_version": terms.policy_version,
        "calendar_id": terms.calendar_id,
        "steps": tuple(replace(s, told=any(map(s.same, told))) for s in steps),
    }


def _timed(clock: Clock, time: Time) -> Clock:
    """When it is due, and its steps, from what it has counted: nothing else is remembered."""
    if clock.target is None:
        return replace(clock, due_at=None, steps=tuple(replace(s, at=None) for s in clock.steps))
    target = timedelta(seconds=clock.target)
    much = [target, *(step.after(target) for step in clock.steps)]
    at = moments(clock.stretches, much, time)
    steps = tuple(replace(step, at=at[step.after(target)]) for step in clock.steps)
    return replace(clock, due_at=clock.breached_at or at[target], steps=steps)
