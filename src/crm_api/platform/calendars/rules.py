"""Business time, as pure functions: an instant counts where the wall clock shows a working hour.

So a night that a clock goes through twice counts twice, an hour that it leaves out not at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

Reason = Literal["week", "public_holiday", "make_up_workday", "exception"]
Minutes = tuple[int, int]
"""From one minute of a day until another, 1440 being the midnight that ends it."""
Span = tuple[datetime, datetime]
DAY, SECOND, NOTHING = timedelta(days=1), timedelta(seconds=1), timedelta()
MOST_DAYS = 3_660
MIDNIGHT = datetime.min.time()


class PublicDays(Protocol):
    """What a country makes of its days."""

    def kind(self, day: date) -> Reason | None:
        """Whether a day is free, or worked to make up for others; null for the usual ones."""
        ...

    def name(self, day: date) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Exception_:
    hours: tuple[Minutes, ...]
    name: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of a day, and why it has them."""

    on: date
    hours: tuple[Minutes, ...]
    because: Reason
    name: str | None


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` begins on Monday; `make_up` are the hours of days that make up for others."""

    zone: ZoneInfo
    week: tuple[tuple[Minutes, ...], ...]
    make_up: tuple[Minutes, ...]
    exceptions: Mapping[date, Exception_]
    public: PublicDays

    def day(self, on: date) -> Day:
        """What is said of the date itself comes first, then the country's, then the week."""
        if said := self.exceptions.get(on):
            return Day(on, said.hours, "exception", said.name)
        kind = self.public.kind(on)
        if kind is None:
            return Day(on, self.week[on.weekday()], "week", None)
        hours = self.make_up if kind == "make_up_workday" else ()
        return Day(on, hours, kind, self.public.name(on))

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Business time from one instant to a later one; it adds up over any split."""
        return sum((stop - begin for begin, stop in self.worked(start, end)), NOTHING)

    def add(self, start: datetime, time: timedelta) -> datetime | None:
        """The first instant by which so much business time has gone by since `start`; for a
        negative `time` the last from which it had. Null where that is too many days away."""
        if not time:
            return start
        far = MOST_DAYS * DAY
        if time > NOTHING:
            return _forth(self.worked(start, start + far), time)
        return _back(self._between_back(start - far, start), -time)

    def worked(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The spans in which somebody works, in order."""
        midnight = datetime.combine(start.astimezone(UTC).date(), MIDNIGHT, UTC)
        while midnight < end:
            yield from _within(self._of(midnight), start, end)
            midnight += DAY

    def _between_back(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The same from its end."""
        midnight = datetime.combine(end.astimezone(UTC).date(), MIDNIGHT, UTC)
        while midnight + DAY > start:
            yield from reversed(list(_within(self._of(midnight), start, end)))
            midnight -= DAY

    def _of(self, midnight: datetime) -> Iterator[Span]:
        """What is worked in a day of UTC, in order: where the clock runs evenly, days follow."""
        for begin, end, offset in _even(self.zone, midnight):
            wall, last = (begin + offset).date(), (end + offset - SECOND).date()
            while wall <= last:
                local = datetime.combine(wall, MIDNIGHT, UTC) - offset
                worked = [(local + _long(a), local + _long(b)) for a, b in self.day(wall).hours]
                yield from _within(worked, begin, end)
                wall += DAY


def _forth(spans: Iterator[Span], left: timedelta) -> datetime | None:
    for begin, end in spans:
        if left <= end - begin:
            return begin + left
        left -= end - begin
    return None


def _back(spans: Iterator[Span], left: timedelta) -> datetime | None:
    for begin, end in spans:
        if left <= end - begin:
            return end - left
        left -= end - begin
    return None


def _within(spans: Iterator[Span] | list[Span], start: datetime, end: datetime) -> Iterator[Span]:
    for begin, stop in spans:
        if (first := max(begin, start)) < (last := min(stop, end)):
            yield first, last


def _long(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _even(zone: ZoneInfo, midnight: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The parts of a day of UTC in which a zone keeps its offset; no zone changes it twice."""
    before, after = _offset(zone, midnight), _offset(zone, midnight + DAY)
    if before == after:
        yield midnight, midnight + DAY, before
        return
    low, high = 0, int(DAY / SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, midnight + middle * SECOND) == before:
            low = middle
        else:
            high = middle
    yield midnight, midnight + high * SECOND, before
    yield midnight + high * SECOND, midnight + DAY, after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or NOTHING
