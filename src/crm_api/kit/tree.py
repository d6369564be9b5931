"""The filter grammar as it crosses the wire: a tree of groups over conditions.

{"kind": "all", "of": [{"kind": "condition", "field": "source", "op": "eq", "value": "shop"}]}
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from typing_extensions import TypeAliasType

from .errors import FieldError, Invalid
from .forms import form
from .moments import Ago
from .ops import Op
from .schema import Input
from .words import misfit, say

DEPTH, NODES, VALUES = 5, 50, 200
FIELD = r"^[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+){0,3}$"

FieldName = Annotated[
    str,
    form(
        FIELD,
        say("Send the name of a field, such as source or parent.name."),
        max_length=100,
        description="A field of `GET /v1/filter-fields`.",
        examples=["source"],
    ),
]


def _told(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """One mistake, not one for each thing that it might have been."""
    try:
        return read(value)
    except ValidationError as error:
        raise misfit(
            "filter_value",
            say("Send text, a whole number, true, false, a list of them, or a time from now"),
        ) from error


Text = Annotated[StrictStr, Field(max_length=2000)]
Values = Annotated[list[Text | StrictInt], Field(max_length=VALUES)]
Value = Annotated[
    Ago | Values | Text | StrictInt | StrictBool,
    WrapValidator(_told),
    Field(
        description="What the field is compared with, of the field's kind: a list after `in` and "
        "`not_in`, true or false after `exists`. Dates and times may be told from now.",
        examples=["shop"],
    ),
]


class Condition(Input):
    """What one field must be."""

    kind: Literal["condition"]
    field: FieldName
    op: Annotated[Op, Field(description="What may be asked depends on the kind of the field.")]
    value: Value


class All(Input):
    """All of these hold."""

    kind: Literal["all"]
    of: Annotated[list["Filter"], Field(max_length=NODES)]


class AnyOf(Input):
    """At least one of these holds."""

    kind: Literal["any"]
    of: Annotated[list["Filter"], Field(max_length=NODES)]


class NoneOf(Input):
    """None of these holds."""

    kind: Literal["none"]
    of: Annotated[list["Filter"], Field(max_length=NODES)]


Filter = TypeAliasType(
    "Filter", Annotated[All | AnyOf | NoneOf | Condition, Field(discriminator="kind")]
)


def check_size(filter: "Filter", pointer: str) -> None:
    """Raises Invalid where it is deeper or larger than a filter may be."""
    found = list(_depths(filter, 1))
    deepest, nodes = max(found), len(found)
    if deepest > DEPTH or nodes > NODES:
        said: FieldError = {
            "pointer": pointer,
            "code": "filter_too_complex",
            "message": say(
                "Nest at most {depth} levels, and use at most {parts} parts in all.",
                depth=DEPTH,
                parts=NODES,
            ),
            "params": {"max_depth": DEPTH, "max_parts": NODES},
        }
        raise Invalid(say("The filter is too complex."), said)


def _depths(filter: "Filter", depth: int) -> Iterator[int]:
    yield depth
    for part in () if isinstance(filter, Condition) else filter.of:
        yield from _depths(part, depth + 1)
