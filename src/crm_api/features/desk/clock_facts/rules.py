"""What became of clocks, told once: the difference between them before and after, as facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crm_api.features.desk.terms.schemas import ClockKind
from crm_api.features.desk.ticking.schemas import Clock, Step


class FactKind(StrEnum):
    begun = "begun"
    paused = "paused"
    resumed = "resumed"
    met = "met"
    breached = "breached"
    met_late = "met_late"
    due_moved = "due_moved"
    escalated = "escalated"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class Fact:
    """`at` is when it became so, however late it is told."""

    kind: FactKind
    clock: Clock
    at: datetime
    details: dict[str, Any] = field(default_factory=dict)


def facts(before: Iterable[Clock], after: Iterable[Clock], at: datetime) -> list[Fact]:
    """Of a change at an instant, in the order in which they became so.

    They say when a clock ran: from when it is begun, unless it is paused at once, and is resumed.
    """
    known = {(clock.kind, clock.number): clock for clock in before}
    told = [fact for clock in after for fact in _of(known.get(_key(clock)), clock, at)]
    return sorted(told, key=lambda fact: fact.at)


def _key(clock: Clock) -> tuple[ClockKind, int]:
    return clock.kind, clock.number


def _of(was: Clock | None, now: Clock, at: datetime) -> Iterator[Fact]:
    if was is None:
        yield Fact(FactKind.begun, now, now.started_at)
    yield from _escalated(was, now, at)
    if now.breached_at and not (was and was.breached_at):
        yield Fact(FactKind.breached, now, now.breached_at)
    yield from _ended(was, now)
    yield from _moved(was, now, at)


def _escalated(was: Clock | None, now: Clock, at: datetime) -> Iterator[Fact]:
    before = [step for step in was.steps if step.told] if was else []
    for step in now.steps:
        if step.told and not any(map(step.same, before)):
            yield Fact(FactKind.escalated, now, min(step.at or at, at), _said(step))


def _said(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "at_percent": step.at_percent,
        "at_minutes": step.at_minutes,
        "user_ids": [str(id) for id in step.user_ids],
    }


def _ended(was: Clock | None, now: Clock) -> Iterator[Fact]:
    if now.met_at and not (was and was.met_at):
        yield Fact(FactKind.met_late if now.breached_at else FactKind.met, now, now.met_at)
    if now.dropped_at and not (was and was.dropped_at):
        yield Fact(FactKind.cancelled, now, now.dropped_at)


def _moved(was: Clock | None, now: Clock, at: datetime) -> Iterator[Fact]:
    ran = was.runs if was else True
    if not now.open:
        return
    if ran is not now.runs:
        yield Fact(FactKind.resumed if now.runs else FactKind.paused, now, at)
    elif was and was.due_at != now.due_at:
        yield Fact(FactKind.due_moved, now, at, {"from": was.due_at and was.due_at.isoformat()})
