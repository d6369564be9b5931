"""What a place in the tree must be, as pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from .errors import (
    ArchivedPlace,
    CircularUnits,
    ClosesTooEarly,
    NotThereYet,
    TooDeep,
    TooManyPeriods,
    UnknownPlace,
)
from .periods import Period, Periods, Place, current

MOST_UNITS, MOST_LEVELS, MOST_PERIODS = 2_000, 12, 200


@dataclass(frozen=True, slots=True)
class Found:
    """What is there at a place, over all dates that a unit would be at it.

    States are null where the record is not there; `levels` are those of the tree at its deepest,
    `parent_from` is when the parent's first period begins, `units_below` go along.
    """

    parent_state: str | None
    entity_state: str | None
    parent_from: date | None
    circular: bool
    levels: int
    units_below: int


def today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def begins(opens_on: date | None, parent_from: date | None, today: date) -> date:
    """When the first period of a new unit does: with its opening, and its parent's at the
    earliest, and today at the latest."""
    first = min(opens_on or today, today)
    return max(first, parent_from) if parent_from else first


def wanted(periods: Periods, on: date, sent: Mapping[str, Any]) -> Period:
    """What is asked for from a date on; what was not sent stays. Raises NotThereYet."""
    before = current(periods, on)
    if before is None:
        raise NotThereYet(periods[0].from_on)
    known = {
        "parent_id": before.place.parent_id,
        "legal_entity_id": before.place.legal_entity_id,
    }
    return Period(on, Place(**{name: sent.get(name, value) for name, value in known.items()}))


def check_there(place: Place, found: Found) -> None:
    """Raises UnknownPlace, ArchivedPlace."""
    states = {
        "parent_id": (place.parent_id, found.parent_state),
        "legal_entity_id": (place.legal_entity_id, found.entity_state),
    }
    for field, (id, state) in states.items():
        if id is not None and state is None:
            raise UnknownPlace(field)
        if state == "archived":
            raise ArchivedPlace(field)


def check_tree(period: Period, found: Found) -> None:
    """Raises CircularUnits, TooDeep, NotThereYet."""
    if found.circular:
        raise CircularUnits
    if found.levels > MOST_LEVELS:
        raise TooDeep(MOST_LEVELS)
    if found.parent_from and period.from_on < found.parent_from:
        raise NotThereYet(found.parent_from)


def check_number(periods: Periods) -> None:
    """Raises TooManyPeriods."""
    if len(periods) > MOST_PERIODS:
        raise TooManyPeriods(MOST_PERIODS)


def check_dates(opens_on: date | None, closes_on: date | None) -> None:
    """Raises ClosesTooEarly."""
    if opens_on and closes_on and closes_on <= opens_on:
        raise ClosesTooEarly
