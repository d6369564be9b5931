"""What clocks on the wall show, and when.

A time that a clock skips is as much later as it skips, and of one that it shows twice the first is
meant (RFC 5545, 3.3.5; PEP 495, `fold=0`): what is daily at 09:00 is so all the year.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clocks of a zone show this."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    return moment(day, time(), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """When the next day begins."""
    return begin_of(day + DAY, zone)


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of a zone show then."""
    return at.astimezone(zone).replace(tzinfo=None)


def as_far_from(there: datetime, at: datetime, due: datetime, zone: ZoneInfo) -> datetime:
    """As far from there as `at` is from `due`, by the clocks of a zone."""
    wanted = shown(there, zone) + (shown(at, zone) - shown(due, zone))
    return moment(wanted.date(), wanted.time(), zone)
