"""Where a unit stands on every date: pure functions over its periods, which follow each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from crm_api.platform.legal_entities.resource import LEGAL_ENTITY

from .resource import BUSINESS_UNIT

UNIT, ENTITY = BUSINESS_UNIT.prefix, LEGAL_ENTITY.prefix


@dataclass(frozen=True, slots=True)
class Place:
    """Below which unit, and of which legal entity; null for none, and for that of the parent."""

    parent_id: UUID | None
    legal_entity_id: UUID | None


@dataclass(frozen=True, slots=True)
class Period:
    """A place from a date on, until the next period begins."""

    from_on: date
    place: Place


Periods = Sequence[Period]


def current(periods: Periods, on: date) -> Period | None:
    """The one that a date is in; null before the first."""
    begun = [period for period in periods if period.from_on <= on]
    return begun[-1] if begun else None


def end(periods: Periods, on: date) -> date | None:
    """Until when the place of a date lasts; null for ever."""
    return next((period.from_on for period in periods if period.from_on > on), None)


def placed(periods: Periods, on: date, place: Place) -> Periods:
    """Another place from a date on, until what was planned already; what is the same is one."""
    others = [period for period in periods if period.from_on != on]
    ordered = sorted([*others, Period(on, place)], key=lambda period: period.from_on)
    again = {two.from_on for one, two in pairwise(ordered) if one.place == two.place}
    return [period for period in ordered if period.from_on not in again]


def read(told: Iterable[Mapping[str, Any]]) -> Periods:
    return [
        Period(
            date.fromisoformat(one["from_on"]),
            Place(
                one["parent_id"] and UNIT.read(one["parent_id"]),
                one["legal_entity_id"] and ENTITY.read(one["legal_entity_id"]),
            ),
        )
        for one in told
    ]


def told(periods: Periods) -> list[dict[str, Any]]:
    """As the contract has them."""
    return [
        {
            "from_on": from_on.isoformat(),
            "until_on": until_on and until_on.isoformat(),
            "parent_id": place.parent_id and UNIT.write(place.parent_id),
            "legal_entity_id": place.legal_entity_id and ENTITY.write(place.legal_entity_id),
        }
        for from_on, until_on, place in _spans(periods)
    ]


def rows(periods: Periods) -> list[dict[str, Any]]:
    """As the table has them."""
    return [
        {"from_on": from_on, "until_on": until_on, **columns(place)}
        for from_on, until_on, place in _spans(periods)
    ]


def columns(place: Place) -> dict[str, UUID | None]:
    return {"parent_id": place.parent_id, "legal_entity_id": place.legal_entity_id}


def _spans(periods: Periods) -> Iterator[tuple[date, date | None, Place]]:
    for period in periods:
        yield period.from_on, end(periods, period.from_on), period.place
