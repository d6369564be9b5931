"""Time that counts, as pure functions: the stretches in which a clock ran, in the hours worked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby, islice
from typing import Protocol

from crm_api.platform.calendars.rules import DAY, MIDNIGHT, Hours, Span

Stretch = tuple[datetime, datetime | None]
"""From an instant until before another one; null where it goes on."""
NOTHING = timedelta()
MOST_PIECES = 1_000


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


def moments(
    stretches: Iterable[Stretch], much: Iterable[timedelta], time: Time
) -> dict[timedelta, datetime | None]:
    """The same of several. What comes after one that is too far away is not looked for."""
    found: dict[timedelta, datetime | None] = {}
    for some in sorted(set(much)):
        found[some] = None if None in found.values() else reached(stretches, some, time)
    return found


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


class PieceKind(StrEnum):
    counted = "counted"
    closed = "closed"
    paused = "paused"


@dataclass(frozen=True, slots=True)
class Piece:
    """Time between two instants that counted, or did not, and why: as a calendar has its days."""

    kind: PieceKind
    begin: datetime
    end: datetime
    because: str | None = None
    name: str | None = None


def pieces(stretches: Iterable[Stretch], start: datetime, end: datetime, time: Time) -> list[Piece]:
    """All that makes up the time from the start until the end, in order; the first thousand."""
    return list(islice(_merged(_pieces(stretches, start, end, time)), MOST_PIECES))


def _pieces(
    stretches: Iterable[Stretch], start: datetime, end: datetime, time: Time
) -> Iterator[Piece]:
    for begin, stop in stretches:
        last = min(stop or end, end)
        if start < min(begin, end):
            yield Piece(PieceKind.paused, start, min(begin, end))
        if begin < last:
            yield from _running(begin, last, time)
        start = max(start, last)
    if start < end:
        yield Piece(PieceKind.paused, start, end)


def _running(start: datetime, end: datetime, time: Time) -> Iterator[Piece]:
    if not isinstance(time, Hours):
        yield Piece(PieceKind.counted, start, end)
        return
    for begin, stop in time.worked(start, end):
        yield from _days(PieceKind.closed, (start, begin), time)
        yield from _days(PieceKind.counted, (begin, stop), time)
        start = stop
    yield from _days(PieceKind.closed, (start, end), time)


def _days(kind: PieceKind, span: Span, hours: Hours) -> Iterator[Piece]:
    """Cut at midnight: each day has reasons of its own."""
    start, end = span
    while start < end:
        day = hours.day(start.astimezone(hours.zone).date())
        midnight = datetime.combine(day.on + DAY, MIDNIGHT, hours.zone).astimezone(UTC)
        stop = min(end, midnight) if midnight > start else end
        yield Piece(kind, start, stop, day.because, day.name)
        start = stop


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """They leave no gap, so what is of one kind, for one reason, is one."""
    for _, alike in groupby(pieces, lambda piece: (piece.kind, piece.because, piece.name)):
        first, *others = alike
        yield replace(first, end=others[-1].end) if others else first
