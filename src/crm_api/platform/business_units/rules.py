"""What a place in the tree must be, as pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_api.kit.errors import UnknownReference
from crm_api.kit.wall_clock import begin_of
from crm_api.kit.words import say

from .errors import TooManyPeriods, WrongPlace
from .periods import Period, Periods, Place, columns, current

Line = list[dict[str, Any]]
"""A unit and those above it, the unit first."""
PLACE = {"parent_id", "legal_entity_id"}
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
    return begin_of(day, ZoneInfo(zone))


def begins(opens_on: date | None, parent_from: date | None, today: date) -> date:
    """When the first period of a new unit does: with its opening, and its parent's at the
    earliest, and today at the latest."""
    first = min(opens_on or today, today)
    return max(first, parent_from) if parent_from else first


def wanted(periods: Periods, on: date, sent: Mapping[str, Any]) -> Period:
    """What is asked for from a date on; what was not sent stays. Raises WrongPlace."""
    before = current(periods, on)
    if before is None:
        raise too_early(periods[0].from_on)
    return Period(on, Place(**{**columns(before.place), **_of_place(sent)}))


def _of_place(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sent[name] for name in PLACE & sent.keys()}


def check_there(place: Place, found: Found) -> None:
    """Raises UnknownReference, WrongPlace."""
    states = {"parent_id": found.parent_state, "legal_entity_id": found.entity_state}
    for field, id in columns(place).items():
        if id is not None and states[field] is None:
            raise UnknownReference(f"/{field}")
        if states[field] == "archived":
            raise archived(field)


def check_tree(period: Period, found: Found) -> None:
    """Raises WrongPlace."""
    if found.circular:
        message = say("Send a unit that is not this one and on no date below it.")
        raise WrongPlace("parent_id", "circular_parent", message)
    if found.levels > MOST_LEVELS:
        deep = say("The tree has {most} levels at most.", most=MOST_LEVELS)
        raise WrongPlace("parent_id", "too_deep", deep, most=MOST_LEVELS)
    if found.parent_from and period.from_on < found.parent_from:
        raise too_early(found.parent_from)


def too_early(first: date) -> WrongPlace:
    """A unit stands nowhere, and has nothing below it, before its first period."""
    message = say("It was not there yet: send {date} or a later date.", date=first.isoformat())
    return WrongPlace("on", "too_early", message)


def archived(field: str) -> WrongPlace:
    """Nothing is put where nothing is going on any more."""
    message = say("This record is archived: restore it, or send another.")
    return WrongPlace(field, "archived_reference", message)


def check_number(periods: Periods) -> None:
    """Raises TooManyPeriods."""
    if len(periods) > MOST_PERIODS:
        raise TooManyPeriods(MOST_PERIODS)


def check_dates(opens_on: date | None, closes_on: date | None) -> None:
    """Raises WrongPlace."""
    if opens_on and closes_on and closes_on <= opens_on:
        raise WrongPlace("closes_on", "closes_too_early", say("Send a date after `opens_on`."))
