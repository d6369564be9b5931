"""Kinds of values that may be asked about: how each is read, and kept to be found by.

A kept value is a text that sorts as the values do, by code points (COLLATE "C"): one index serves
all kinds, also under row level security, where numeric and jsonb may use none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr, TypeAdapter

from .any_ids import AnyId
from .forms import form
from .times import CalendarDate, Timestamp, rfc3339
from .words import say

WHOLE = 2**53 - 1
"""The largest number that all clients read exactly (RFC 8259, section 6)."""
DIGITS, PLACES = 18, 10
"""Of a decimal: before its point, and after it."""


class Kind(StrEnum):
    text = "text"
    number = "number"
    decimal = "decimal"
    boolean = "boolean"
    date = "date"
    datetime = "datetime"
    select = "select"
    multi_select = "multi_select"
    reference = "reference"


TIMES = (Kind.date, Kind.datetime)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of few values: what it is called, by language. A retired one is not offered any more."""

    labels: Mapping[str, str]
    retired: bool = False


Text = Annotated[StrictStr, Field(max_length=2000)]
Number = Annotated[StrictInt, Field(ge=-WHOLE, le=WHOLE)]
Digits = Annotated[
    StrictStr,
    form(
        f"^-?[0-9]{{1,{DIGITS}}}([.][0-9]{{1,{PLACES}}})?$",
        say("Send a decimal as text, such as '12.50'."),
        examples=["12.50"],
    ),
    AfterValidator(Decimal),
]


@dataclass(frozen=True, slots=True)
class Form:
    """`reader` makes of JSON what Python reckons with; `keep` makes the kept text of that."""

    reader: TypeAdapter[Any]
    keep: Callable[[Any], str]


def _kept_number(value: int) -> str:
    return f"{value + WHOLE:017d}"


def _kept_decimal(value: Decimal) -> str:
    return f"{int(value.scaleb(PLACES)) + 10 ** (DIGITS + PLACES):0{DIGITS + PLACES + 1}d}"


def _kept_boolean(value: bool) -> str:
    return "true" if value else "false"


FORMS: Mapping[Kind, Form] = {
    Kind.text: Form(TypeAdapter(Text), str),
    Kind.number: Form(TypeAdapter(Number), _kept_number),
    Kind.decimal: Form(TypeAdapter(Digits), _kept_decimal),
    Kind.boolean: Form(TypeAdapter(StrictBool), _kept_boolean),
    Kind.date: Form(TypeAdapter(CalendarDate), date.isoformat),
    Kind.datetime: Form(TypeAdapter(Timestamp), rfc3339),
    Kind.select: Form(TypeAdapter(Text), str),
    Kind.multi_select: Form(TypeAdapter(Text), str),
    Kind.reference: Form(TypeAdapter(AnyId), str),
}


def read(kind: Kind, value: Any) -> Any:
    """One value of this kind, or one member of a `multi_select`, from JSON.

    Raises pydantic's ValidationError.
    """
    return FORMS[kind].reader.validate_python(value)


def kept(kind: Kind, value: Any) -> str:
    """What `read` answered, as it is kept."""
    return FORMS[kind].keep(value)
