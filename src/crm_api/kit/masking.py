"""What is shown in place of a value: marks in the `Annotated` of a field."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, bindparam, case, cast, func, null

from .statement import quoted

MASKED = bindparam("masked", type_=Boolean())


@dataclass(frozen=True, slots=True)
class Masked:
    """Personal data, which some may only see through `function`, or, without one, not at all."""

    function: str | None = None

    def over(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((MASKED, self.hidden(column)), else_=column)

    def hidden(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return getattr(func, self.function)(column) if self.function else null()


@dataclass(frozen=True, slots=True)
class Instead:
    """A field that is never null: JSON that stands in for what somebody's roles hide."""

    json: str

    def hidden(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(quoted(self.json), JSON)


NOTHING = Masked()
"""Null in place of a field that has no mark."""
