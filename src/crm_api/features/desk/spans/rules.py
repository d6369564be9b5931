"""Time that counts, as pure functions: the stretches in which a clock ran, in the hours worked."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

Stretch = tuple[datetime, datetime | None]
"""From an instant until before another one; null where it goes on."""
NOTHING = timedelta()


class Time(Protocol):
    """What of the time is worked: business hours, or all of it."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta: ...

    def add(self, start: datetime, time: timedelta) -> datetime | None:
        """The first instant by which so much has gone by; null where that is too far away."""
        ...


class AroundTheClock:
    """Time without a calendar."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, NOTHING)

    def add(self, start: datetime, time: timedelta) -> datetime | None:
        return start + time


def counted(stretches: Iterable[Stretch], now: datetime, time: Time) -> timedelta:
    """How much has gone by until now. It adds up, however often a clock stood still."""
    return sum((time.elapsed(begin, end or now) for begin, end in stretches), NOTHING)


def reached(stretches: Iterable[Stretch], much: timedelta, time: Time) -> datetime | None:
    """The first instant by which so much has gone by; null where the clock stands before it."""
    left = max(much, NOTHING)
    for begin, end in stretches:
        if end is None:
            return time.add(begin, left)
        if left <= (gone := time.elapsed(begin, end)):
            return time.add(begin, left)
        left -= gone
    return None


def started(stretches: tuple[Stretch, ...], at: datetime) -> tuple[Stretch, ...]:
    """The clock runs from now on; as if it had not stood still, where that was for no time."""
    if stretches and stretches[-1][1] is None:
        return stretches
    if stretches and stretches[-1][1] == at:
        return (*stretches[:-1], (stretches[-1][0], None))
    return (*stretches, (at, None))


def stopped(stretches: tuple[Stretch, ...], at: datetime) -> tuple[Stretch, ...]:
    """The clock stands from now on."""
    if not stretches or stretches[-1][1] is not None:
        return stretches
    begin = stretches[-1][0]
    return stretches[:-1] if begin == at else (*stretches[:-1], (begin, at))
