"""Rules of recurrence as they are written: an RRULE of RFC 5545, 3.3.10, that falls on days."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from .words import Misfit, Words, misfit, say

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY = f"({'|'.join(DAYS)})"
FORMS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "COUNT": "[1-9][0-9]{0,3}",
    "UNTIL": "[0-9]{8}(T[0-9]{6}Z)?",
    "BYDAY": f"([+-]?([1-9]|[1-4][0-9]|5[0-3]))?{WEEKDAY}",
    "BYMONTHDAY": "[+-]?([1-9]|[12][0-9]|3[01])",
    "BYMONTH": "[1-9]|1[0-2]",
    "BYSETPOS": "[+-]?([1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6])",
    "WKST": WEEKDAY,
}
CHOOSING = ("BYDAY", "BYMONTHDAY", "BYMONTH")
LISTS = (*CHOOSING, "BYSETPOS")
EXAMPLE = "FREQ=MONTHLY;BYDAY=2TU"
Parts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` are weekdays from Monday, 0, each with its number if there is one; numbers below zero
    count from the end."""

    frequency: str
    interval: int
    count: int | None
    until: date | datetime | None
    days: frozenset[tuple[int | None, int]]
    month_days: frozenset[int]
    months: frozenset[int]
    positions: frozenset[int]
    week_begins: int


@lru_cache(maxsize=1024)
def read(rule: str) -> Rule:
    """A rule that is `canonical`."""
    parts = _parts(rule)
    return Rule(
        frequency=parts["FREQ"],
        interval=int(parts.get("INTERVAL", "1")),
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        days=frozenset(map(_day, _members(parts, "BYDAY"))),
        month_days=frozenset(map(int, _members(parts, "BYMONTHDAY"))),
        months=frozenset(map(int, _members(parts, "BYMONTH"))),
        positions=frozenset(map(int, _members(parts, "BYSETPOS"))),
        week_begins=DAYS.index(parts.get("WKST", "MO")),
    )


def canonical(rule: str) -> str:
    """As it is kept: in capital letters, without the name of the property. Raises Misfit."""
    kept = rule.strip().upper().removeprefix("RRULE:")
    parts = _parts(kept)
    for name, value in parts.items():
        if name not in FORMS:
            known = ", ".join(FORMS)
            raise _unfit(say("{part} is none of {parts}.", part=name, parts=known))
        if not _is_well_formed(name, value):
            raise _unfit(WANTED.get(name, say("{part} cannot have this value.", part=name)))
    for wrong in _at_odds(parts):
        raise _unfit(wrong)
    return kept


RecurrenceRule = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        description="An RRULE of RFC 5545 that falls on days: FREQ of DAILY, WEEKLY, MONTHLY or "
        "YEARLY, and INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST.",
        examples=[EXAMPLE],
        json_schema_extra={"format": "rrule"},
    ),
    AfterValidator(canonical),
]
WANTED = {
    "FREQ": say("Send FREQ=DAILY, WEEKLY, MONTHLY or YEARLY."),
    "UNTIL": say("Send UNTIL as a day, 20261231, or as an instant, 20261231T160000Z."),
}


def _parts(rule: str) -> Parts:
    named = [part.partition("=") for part in rule.split(";")]
    if any(not (name and value) for name, _, value in named):
        raise _unfit(say("Send a rule such as {example}.", example=EXAMPLE))
    parts = {name: value for name, _, value in named}
    if len(parts) < len(named):
        raise _unfit(say("Send each part of a rule once."))
    return parts


def _unfit(message: Words) -> Misfit:
    return misfit("rule_invalid", message)


def _members(parts: Parts, name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _day(said: str) -> tuple[int | None, int]:
    number, day = said[:-2], said[-2:]
    return int(number) if number else None, DAYS.index(day)


def _until(said: str) -> date | datetime:
    """Raises ValueError."""
    if "T" not in said:
        return date.fromisoformat(said)
    return datetime.strptime(said, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _is_well_formed(name: str, value: str) -> bool:
    members = value.split(",") if name in LISTS else [value]
    try:
        fits = all(re.fullmatch(FORMS[name], member) for member in members)
        return fits and (name != "UNTIL" or bool(_until(value)))
    except ValueError:
        return False


def _at_odds(parts: Parts) -> Iterator[Words]:
    """What the parts say against each other."""
    frequency, numbered = parts.get("FREQ"), re.search("[0-9]", parts.get("BYDAY", ""))
    if frequency is None:
        yield WANTED["FREQ"]
    if {"COUNT", "UNTIL"} <= parts.keys():
        yield say("Send either COUNT or UNTIL.")
    if numbered and frequency not in ("MONTHLY", "YEARLY"):
        yield say("Numbered days such as 2TU are days of a month or a year.")
    if "BYMONTHDAY" in parts and frequency == "WEEKLY":
        yield say("A week has no BYMONTHDAY: send BYDAY.")
    if "BYSETPOS" in parts and parts.keys().isdisjoint(CHOOSING):
        yield say("BYSETPOS chooses among days: send BYDAY, BYMONTHDAY or BYMONTH too.")
