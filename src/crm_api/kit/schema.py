"""The shapes that cross the wire, and the strict types that they are made of."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError

from .db import Base
from .forms import form

RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
FULL_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = range(1800, 2200)
IN_YEARS = "^(1[89]|2[01])[0-9]{2}-"
CONTROLS = r"\u0000-\u001f\u007f"
SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def _timestamp(value: Any) -> Any:
    """Pydantic alone would take `0` for 1970 and a bare date for midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and RFC3339.fullmatch(value):
        with suppress(ValueError):
            return datetime.fromisoformat(value.upper())
    raise PydanticCustomError(
        "timestamp_invalid", "Send a time with its offset, such as 2026-01-31T12:00:00Z"
    )


def _sensible(value: datetime) -> datetime:
    """Both as sent, which may be beyond what can be reckoned with, and in UTC."""
    if value.year not in YEARS or (value := value.astimezone(UTC)).year not in YEARS:
        raise PydanticCustomError("timestamp_range", "The year must be between 1800 and 2199")
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _full_date(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and FULL_DATE.fullmatch(value) and int(value[:4]) in YEARS:
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise PydanticCustomError("date_invalid", "Send a date such as 2026-01-31")


Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_timestamp),
    AfterValidator(_sensible),
    PlainSerializer(_rfc3339, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": IN_YEARS,
            "examples": ["2026-01-31T12:00:00.000Z"],
        }
    ),
]
"""An instant; sent with any offset, kept and answered in UTC to the millisecond (RFC 3339)."""

CalendarDate = Annotated[
    date,
    BeforeValidator(_full_date),
    WithJsonSchema(
        {"type": "string", "format": "date", "pattern": IN_YEARS, "examples": ["2026-01-31"]}
    ),
]

LINE = f"^[^{CONTROLS}]*[^{CONTROLS}{SPACES}][^{CONTROLS}]*$"
Line = Annotated[str, form(LINE, "Send one line of text that is not blank.")]
"""Something to see, and no line breaks; longer text may have several lines."""
LanguageTag = Annotated[
    str,
    form(
        "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
        "Send a language tag such as zh-CN or en.",
        description="BCP 47 language tag.",
        examples=["zh-CN", "en"],
    ),
]
CountryCode = Annotated[
    str,
    form(
        "^[A-Z]{2}$",
        "Send two capital letters, such as CN.",
        description="ISO 3166-1 alpha-2 country.",
        examples=["CN"],
    ),
]


class OpenEnum:
    """An enum in an answer: `Annotated[str, OpenEnum(State)]`. Clients must bear new values."""

    def __init__(self, kind: type[StrEnum]) -> None:
        self.kind = kind

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        values = [member.value for member in self.kind]
        return {**handler(schema), "x-extensible-enum": values, "examples": values[:1]}


class Input(BaseModel):
    """What a caller sends, as a body or a query: nothing unknown."""

    model_config = ConfigDict(extra="forbid")

    def changes(self) -> dict[str, Any]:
        """Only what the caller sent; a field that is MISSING is left out by pydantic."""
        return self.model_dump()


class Read(BaseModel):
    """What we answer, and which table it is read from: `kit.projection` writes it as JSON.

    No field has a default, so the contract says that each is always there.
    """

    model_config = ConfigDict(frozen=True)
    table: ClassVar[type[Base]]


class EntityRead(Read):
    id: UUID
    object: str
    version: Annotated[
        int, Field(description="Grows by one with every change; the ETag carries it.", examples=[1])
    ]
    created_at: Timestamp
    updated_at: Timestamp
