"""From a calendar as it is answered to one that can be reckoned with, and back."""

from zoneinfo import ZoneInfo

from .public_days import public_days
from .rules import Day, Exception_, Hours, Minutes
from .schemas import (
    WEEKDAYS,
    BusinessCalendarRead,
    CalendarDay,
    WorkingHours,
    clock,
    minute,
)


def hours_of(calendar: BusinessCalendarRead, inherited: BusinessCalendarRead | None) -> Hours:
    week = tuple(_minutes(getattr(calendar.week, day)) for day in WEEKDAYS)
    said = [*(inherited.exceptions if inherited else []), *calendar.exceptions]
    make_up = calendar.make_up_hours
    return Hours(
        zone=ZoneInfo(calendar.time_zone),
        week=week,
        make_up=_minutes(make_up) if make_up is not None else next(filter(None, week), ()),
        exceptions={one.on: Exception_(_minutes(one.hours), one.name) for one in said},
        public=public_days(calendar.country, calendar.subdivision),
    )


def shown(day: Day) -> CalendarDay:
    hours = [WorkingHours(opens=clock(opens), closes=clock(closes)) for opens, closes in day.hours]
    return CalendarDay(on=day.on, hours=hours, because=day.because, name=day.name)


def _minutes(hours: list[WorkingHours]) -> tuple[Minutes, ...]:
    return tuple((minute(some.opens), minute(some.closes)) for some in hours)
