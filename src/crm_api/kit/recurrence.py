"""Rules of recurrence (RFC 5545, 3.3.10) over days, at a time that clocks on the wall show."""

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import dropwhile, groupby, islice, takewhile
from zoneinfo import ZoneInfo

from .recurrence_rules import Rule, read
from .times import YEARS as YEARS_ON_THE_WIRE
from .wall_clock import moment, shown

DAY, YEARS = timedelta(days=1), 50
"""What does not come back within so many years does not come back."""
LAST = date(YEARS_ON_THE_WIRE[-1], 12, 30)
"""No zone ends this day in a year that the contract has not."""
Number = Callable[[date, int], int]
NUMBERS: Mapping[str, Number] = {
    "DAILY": lambda day, _: day.toordinal(),
    "WEEKLY": lambda day, begins: (day.toordinal() - 1 - begins) // 7,
    "MONTHLY": lambda day, _: day.year * 12 + day.month,
    "YEARLY": lambda day, _: day.year,
}
"""The day, week, month or year that a day is in, counted on; weeks begin on a weekday, Monday 0."""


@dataclass(frozen=True)
class Series:
    """A rule from its first day on, at a time of day or over whole days."""

    text: str
    first: date
    at: time | None
    zone: ZoneInfo

    @classmethod
    def starting(cls, text: str, due: date | datetime, zone: str) -> "Series":
        """From a day, or an instant, that may not be one of it."""
        if not isinstance(due, datetime):
            return cls(text, due, None, ZoneInfo(zone))
        at = shown(due, ZoneInfo(zone))
        return cls(text, at.date(), at.time(), ZoneInfo(zone))

    @classmethod
    def read(cls, text: str, begin: str, zone: str) -> "Series":
        """`begin` is what `told` says of it."""
        day, _, at = begin.partition("T")
        time_of_day = time.fromisoformat(at) if at else None
        return cls(text, date.fromisoformat(day), time_of_day, ZoneInfo(zone))

    def told(self) -> str:
        """Its first day, or day and time, as clocks of its zone show them."""
        if self.at is None:
            return self.first.isoformat()
        return datetime.combine(self.first, self.at).isoformat(timespec="milliseconds")

    @cached_property
    def rule(self) -> Rule:
        return _completed(read(self.text), self.first)

    def begin(self) -> date | None:
        """The first day on which the rule falls."""
        return next(self._days(self.first), None)

    def after(self, day: date) -> Iterator[date]:
        """Later days, until there is none for fifty years."""
        return dropwhile(lambda found: found <= day, self._days(day))

    def due(self, day: date) -> datetime | None:
        """When it is on a day; null over whole days."""
        return moment(day, self.at, self.zone) if self.at is not None else None

    def _days(self, day: date) -> Iterator[date]:
        last = min(date(day.year + YEARS, day.month, 28), LAST)
        return islice(takewhile(self._is_before_end, self._falling(last)), self.rule.count)

    def _is_before_end(self, day: date) -> bool:
        """`UNTIL` is the last day, or an instant; over whole days the day of that instant."""
        until = self.rule.until
        if not isinstance(until, datetime):
            return until is None or day <= until
        at = self.due(day)
        return at <= until if at else day <= until.astimezone(self.zone).date()

    def _falling(self, last: date) -> Iterator[date]:
        """All days from the first on, whether it ends or not."""
        rule, number = self.rule, NUMBERS[self.rule.frequency]
        begun = number(self.first, rule.week_begins)
        days = _from_beginning(rule, self.first, last)
        for at, period in groupby(days, lambda day: number(day, rule.week_begins)):
            if (at - begun) % rule.interval == 0:
                yield from (day for day in _chosen(rule, period) if self.first <= day <= last)


def _completed(rule: Rule, first: date) -> Rule:
    """What a rule does not say its first day does."""
    if rule.days or rule.month_days or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, days=frozenset([(None, first.weekday())]))
    months = rule.months or (frozenset([first.month]) if rule.frequency == "YEARLY" else ())
    return replace(rule, months=frozenset(months), month_days=frozenset([first.day]))


def _from_beginning(rule: Rule, first: date, last: date) -> Iterator[date]:
    """The days from the beginning of the period that the first is in to the end of the last's."""
    begun = {
        "DAILY": first,
        "WEEKLY": first - DAY * ((first.weekday() - rule.week_begins) % 7),
        "MONTHLY": first.replace(day=1),
        "YEARLY": first.replace(month=1, day=1),
    }[rule.frequency]
    return map(date.fromordinal, range(begun.toordinal(), last.toordinal() + 366))


def _chosen(rule: Rule, period: Iterator[date]) -> Iterator[date]:
    found = [day for day in period if _fits(rule, day)]
    if not rule.positions:
        return iter(found)
    places = {at - 1 if at > 0 else at + len(found) for at in rule.positions}
    return (found[place] for place in sorted(places) if 0 <= place < len(found))


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    length = monthrange(day.year, day.month)[1]
    if rule.month_days and rule.month_days.isdisjoint({day.day, day.day - length - 1}):
        return False
    return not rule.days or not rule.days.isdisjoint(_named(rule, day))


def _named(rule: Rule, day: date) -> set[tuple[int | None, int]]:
    """What BYDAY may call a day: TU, 2TU, -3TU; numbers count in the month, or in a year for which
    no months are said."""
    if rule.frequency == "YEARLY" and not rule.months:
        at, length = day.timetuple().tm_yday, 365 + isleap(day.year)
    else:
        at, length = day.day, monthrange(day.year, day.month)[1]
    numbers = (None, (at - 1) // 7 + 1, -((length - at) // 7) - 1)
    return {(number, day.weekday()) for number in numbers}
