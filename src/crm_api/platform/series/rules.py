"""When something is due, and when it comes again: pure functions over the columns of a record.

These are `due_on`, `due_at`, `due_until`, `time_zone`, and of its series `recurrence`, `series_id`,
`series_begin`, `occurrence_on` and `occurrence_at`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_api.kit.recurrence import YEARS, Series
from crm_api.kit.wall_clock import end_of

from .errors import DueTwice, IsOver, NeverComes, NoDue, NotOnItsFirstDay, NotRepeated, SeriesGoesOn

DUE = ("due_on", "due_at")
Fields = Mapping[str, Any]


def timed(before: Fields, sent: Fields) -> dict[str, Any]:
    """When it is due; a day takes the place of an instant, and the other way round.

    Raises DueTwice.
    """
    said = {name: sent[name] for name in DUE if sent.get(name) is not None}
    if len(said) > 1:
        raise DueTwice
    after = {**before, **sent, **(dict.fromkeys(DUE) if said else {}), **said}
    return _due(after["due_on"], after["due_at"], ZoneInfo(after["time_zone"]))


def _due(due_on: date | None, due_at: datetime | None, zone: ZoneInfo) -> dict[str, Any]:
    until = end_of(due_on, zone) if due_on else due_at
    return {"due_on": due_on, "due_at": due_at, "due_until": until}


def repeated(
    before: Fields, after: Fields, sent: Fields, id: UUID, *, is_open: bool, next: UUID | None
) -> dict[str, Any]:
    """The series that the record of this id is in from now on, where another one begins with it;
    `next` has come after it.

    Raises NoDue, NeverComes, NotOnItsFirstDay, SeriesGoesOn, IsOver.
    """
    if after["recurrence"] and after["due_until"] is None:
        raise NoDue
    is_other = after["recurrence"] != before["recurrence"]
    again = "recurrence" in sent and after["recurrence"] and _is_moved(before, after)
    if not (is_other or again):
        return {}
    if next is not None:
        raise SeriesGoesOn
    if after["recurrence"] is None:
        return {}
    if not is_open:
        raise IsOver
    return _begun(after, id)


def _is_moved(before: Fields, after: Fields) -> bool:
    """To another time than its own, and than the one of its series that it stands for."""
    at = before["occurrence_at"]
    own, planned = (
        (before["due_on"], before["due_at"]),
        (None if at else before["occurrence_on"], at),
    )
    return (after["due_on"], after["due_at"]) not in (own, planned)


def _begun(record: Fields, id: UUID) -> dict[str, Any]:
    due = record["due_at"] or record["due_on"]
    series = Series.starting(record["recurrence"]["rule"], due, record["time_zone"])
    day, first = series.first, series.begin()
    if first is None:
        raise NeverComes(YEARS)
    if first != day:
        raise NotOnItsFirstDay(first)
    own = {"occurrence_on": day, "occurrence_at": record["due_at"]}
    return {"series_id": id, "series_begin": series.told(), **own}


def check_last(recurrence: Fields | None, next: UUID | None) -> None:
    """That the end of a series is said of a record after which others would come.

    Raises NotRepeated, SeriesGoesOn.
    """
    if recurrence is None:
        raise NotRepeated
    if next is not None:
        raise SeriesGoesOn


def occurrences(record: Fields, most: int) -> list[dict[str, Any]]:
    """When the next ones will be due, as columns have it; none where it does not come again."""
    if record["recurrence"] is None:
        return []
    rule, begin = record["recurrence"]["rule"], record["series_begin"]
    series = Series.read(rule, begin, record["time_zone"])
    return [_planned(series, day) for day in islice(series.after(record["occurrence_on"]), most)]


def _planned(series: Series, day: date) -> dict[str, Any]:
    at = series.due(day)
    own = {"occurrence_on": day, "occurrence_at": at}
    return _due(None if at else day, at, series.zone) | own
