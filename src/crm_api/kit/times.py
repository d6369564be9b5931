"""Instants and days, as the contract writes them (RFC 3339)."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
)
from pydantic_core import CoreSchema

from .words import misfit, say

RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
FULL_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = range(1800, 2200)
IN_YEARS = "^(1[89]|2[01])[0-9]{2}-"


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise misfit("time_zone_unknown", say("Send an IANA time zone, such as Asia/Shanghai"))
    return name


def _timestamp(value: Any) -> Any:
    """Pydantic alone would take `0` for 1970 and a bare date for midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and RFC3339.fullmatch(value):
        with suppress(ValueError):
            return datetime.fromisoformat(value.upper())
    raise misfit(
        "timestamp_invalid", say("Send a time with its offset, such as 2026-01-31T12:00:00Z")
    )


def _sensible(value: datetime) -> datetime:
    """Both as sent, which may be beyond what can be reckoned with, and in UTC."""
    if value.year not in YEARS or (value := value.astimezone(UTC)).year not in YEARS:
        raise misfit("timestamp_range", say("The year must be between 1800 and 2199"))
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _full_date(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and FULL_DATE.fullmatch(value) and int(value[:4]) in YEARS:
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise misfit("date_invalid", say("Send a date such as 2026-01-31"))


@dataclass(frozen=True, slots=True)
class _Written:
    """How the contract says it, beside what a field says of it."""

    format: str
    example: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        said = {"pattern": IN_YEARS, "examples": [self.example], **handler(schema)}
        return {**said, "type": "string", "format": self.format}


Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_timestamp),
    AfterValidator(_sensible),
    PlainSerializer(rfc3339, when_used="json"),
    _Written("date-time", "2026-01-31T12:00:00.000Z"),
]
"""An instant; sent with any offset, kept and answered in UTC to the millisecond (RFC 3339)."""

CalendarDate = Annotated[
    date,
    BeforeValidator(_full_date),
    _Written("date", "2026-01-31"),
]

TimeZone = Annotated[
    str,
    Field(max_length=64, description="IANA time zone.", examples=["Asia/Shanghai"]),
    Field(json_schema_extra={"format": "time-zone"}),
    AfterValidator(_known_zone),
]
