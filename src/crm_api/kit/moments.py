"""Times told from now: `{"unit": "month", "ago": 0}`, in the zone of the tenant."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from .schema import Input
from .wall_clock import begin_of, moment


class Unit(StrEnum):
    hour = "hour"
    day = "day"
    week = "week"
    month = "month"
    year = "year"


class Ago(Input):
    """So many hours, days, weeks, months or years ago, by the calendar of the tenant.

    After `gt`, `gte`, `lt`, `lte`, `eq`, `ne` it is the first moment of that unit: `{"unit":
    "month", "ago": 0}` is the beginning of this month. After `within_last` it is reckoned back
    from this very moment.
    """

    unit: Annotated[Unit, Field(examples=["day"], description="Weeks begin on Mondays.")]
    ago: Annotated[int, Field(ge=0, le=10_000, examples=[30])]


def start(of: Ago, now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of that unit, in UTC. Raises OverflowError where there is no such year."""
    local = now.astimezone(zone)
    if of.unit is Unit.hour:
        hour = local.replace(minute=0, second=0, microsecond=0)
        return hour.astimezone(UTC) - timedelta(hours=of.ago)
    return begin_of(_first_day(of, local.date()), zone)


def back(by: Ago, now: datetime, zone: ZoneInfo) -> datetime:
    """This moment, so much earlier by the calendar, in UTC; the 31st becomes the last day."""
    if by.unit is Unit.hour:
        return now - timedelta(hours=by.ago)
    local = now.astimezone(zone)
    return moment(earlier(by, local.date()), local.time(), zone)


def earlier(by: Ago, day: date) -> date:
    """The day that is so many days, weeks, months or years before `day`."""
    if by.unit in (Unit.day, Unit.week):
        return day - timedelta(days=by.ago * (7 if by.unit is Unit.week else 1))
    months = by.ago * (12 if by.unit is Unit.year else 1)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    _check_year(year)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_back(by: Ago, now: datetime, zone: ZoneInfo) -> date:
    """Today, so much earlier."""
    return earlier(by, now.astimezone(zone).date())


def first_day(of: Ago, now: datetime, zone: ZoneInfo) -> date:
    """The first day of that unit."""
    return _first_day(of, now.astimezone(zone).date())


def _first_day(of: Ago, today: date) -> date:
    day = earlier(of, today)
    begins = {
        Unit.week: day - timedelta(days=day.weekday()),
        Unit.month: day.replace(day=1),
        Unit.year: day.replace(month=1, day=1),
    }
    return begins.get(of.unit, day)


def _check_year(year: int) -> None:
    if year < 1:
        raise OverflowError
