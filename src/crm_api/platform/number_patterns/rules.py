"""How the numbers of documents are written, as pure functions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from crm_api.kit.words import misfit, say

from .errors import NoCode, NumbersTwice
from .models import Restarts
from .registry import Numbering

MOST, LONGEST_CODE, LIKELY_DIGITS = 60, 40, 9
"""Characters of a number, and of a unit's code; digits that a running number may come to."""
TOKEN = re.compile("[{]([^{}]*)[}]")
RUNNING = re.compile("[{]n(?::([1-9]|10))?[}]")
DATES = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d"}
LENGTHS = {"unit": LONGEST_CODE} | {token: len(token) for token in DATES}
ALL_TOKENS = "{unit} {yyyy} {yy} {mm} {dd} {n} {n:1} … {n:10}"
TELLING = (("{yyyy}", "{yy}"), ("{mm}",), ("{dd}",))
"""What tells one year, month and day from another."""
PARTS = {Restarts.never: 0, Restarts.year: 1, Restarts.month: 2, Restarts.day: 3}
"""How many of them tell one period from another."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted together: numbers that are written alike, from a day until before another."""

    form: str
    begins_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class OfUnit:
    """What a unit's numbers are made of: its code, the time zone that it or the nearest above it
    names, and what is in force there; null where nothing is said."""

    code: str | None
    zone: str | None
    numbering: Numbering | None


@dataclass(frozen=True, slots=True)
class Way:
    """How a unit's numbers are written on a day; `text` is all of one but its running number."""

    text: str
    counter: Counter
    day: date

    def number(self, running: int) -> str:
        return RUNNING.sub(lambda token: str(running).zfill(int(token[1] or 1)), self.text)


def check_tokens(pattern: str) -> str:
    """Raises a misfit."""
    fixed = RUNNING.sub("", pattern)
    rest = TOKEN.sub("", fixed)
    if set(TOKEN.findall(fixed)) - LENGTHS.keys() or "{" in rest or "}" in rest:
        raise misfit(
            "token_unknown", say("In braces stand only these: {tokens}", tokens=ALL_TOKENS)
        )
    if len(RUNNING.findall(pattern)) != 1:
        told = say("Send the running number once, as {n} or {filled}", n="{n}", filled="{n:5}")
        raise misfit("running_number_once", told)
    if (longest := longest_of(pattern)) > MOST:
        told = say("Numbers could have {longest} characters: send less", longest=longest)
        raise misfit("number_too_long", told)
    return pattern


def longest_of(pattern: str) -> int:
    """How many characters a number may come to."""
    (filled,) = RUNNING.findall(pattern)
    tokens = TOKEN.findall(RUNNING.sub("", pattern))
    fixed = len(TOKEN.sub("", pattern)) + sum(LENGTHS[token] for token in tokens)
    return fixed + max(LIKELY_DIGITS, int(filled or 1))


def check_restarts(numbering: Numbering) -> None:
    """Raises NumbersTwice."""
    for tokens in TELLING[: PARTS[numbering.restarts]]:
        if not any(token in numbering.pattern for token in tokens):
            raise NumbersTwice(tokens[0])


def way(numbering: Numbering, code: str | None, day: date) -> Way:
    """Raises NoCode."""
    if "{unit}" in numbering.pattern and code is None:
        raise NoCode
    said = {"unit": code or "", **{token: f"{day:{form}}" for token, form in DATES.items()}}
    text = TOKEN.sub(lambda token: said.get(token[1], token[0]), numbering.pattern)
    counter = Counter(RUNNING.sub("{n}", numbering.pattern), *period(numbering.restarts, day))
    return Way(text, counter, day)


def period(restarts: Restarts, day: date) -> tuple[date, date]:
    """The first day of the one that a day is in, and the first day after it."""
    if restarts == Restarts.never:
        return date.min, date.max
    if restarts == Restarts.day:
        return day, day + timedelta(days=1)
    first = day.replace(day=1) if restarts == Restarts.month else day.replace(month=1, day=1)
    later = first + timedelta(days=31 if restarts == Restarts.month else 366)
    return first, later.replace(day=1)


def totals(wanted: Mapping[UUID, int], ways: Mapping[UUID, Way]) -> dict[Counter, int]:
    """How many numbers are wanted of each counter."""
    found: dict[Counter, int] = {}
    for unit, count in wanted.items():
        counter = ways[unit].counter
        found[counter] = found.get(counter, 0) + count
    return found


def handed_out(
    wanted: Mapping[UUID, int], ways: Mapping[UUID, Way], after: Mapping[Counter, int]
) -> dict[UUID, list[str]]:
    """The numbers of each unit, which follow those that were there `after` each counter."""
    given, last = {}, dict(after)
    for unit, count in wanted.items():
        way = ways[unit]
        begin = last[way.counter] + 1
        last[way.counter] += count
        given[unit] = [way.number(running) for running in range(begin, begin + count)]
    return given
