"""Marks of query parameters: what each asks of the rows, and how it is written as SQL."""

import operator
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Select, bindparam, or_, select

from .db import Base, table_of
from .statement import TENANT, quoted

Form = Hashable
"""What of a value the SQL depends on; of most filters whether several values came."""


@runtime_checkable
class Filter(Protocol):
    """What a query parameter asks of the rows; `name` is the parameter's."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]: ...

    def form(self, value: Any) -> Form:
        """What of the value the SQL depends on."""
        ...

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        """What the parameters of the SQL are bound to."""
        ...

    def lists(self, name: str, form: Form) -> Select[Any] | None:
        """Ids of all rows that can match, in the order of creation, where a table has them so."""
        ...


@runtime_checkable
class Finder(Protocol):
    """A query parameter that finds few rows, before any filter looks at them."""

    def rows(self, table: FromClause, name: str) -> FromClause: ...

    def form(self, value: Any) -> Form: ...

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]: ...


class Plain:
    """A filter whose condition compares with what was asked."""

    __slots__ = ()

    def form(self, value: Any) -> Form:
        return isinstance(value, list) and len(value) > 1

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        one = isinstance(value, list) and len(value) == 1
        return {name: value[0] if one else value}

    def lists(self, name: str, form: Form) -> Select[Any] | None:
        return None


@dataclass(frozen=True, slots=True)
class Where(Plain):
    """Binds a parameter to a column: `Annotated[..., Where("created_at", operator.ge)]`."""

    column: str
    compare: Callable[[Any, Any], Any] = operator.eq

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        column = table.c[self.column]
        if form:
            return column == bindparam(name, type_=ARRAY(column.type)).any_()
        result: ColumnElement[bool] = self.compare(column, bindparam(name, type_=column.type))
        return result


@dataclass(frozen=True, slots=True)
class Present(Plain):
    """Whether a column has a value: `Annotated[bool | None, Present("stale_since")]`."""

    column: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        column = table.c[self.column]
        return column.is_not(None) if form else column.is_(None)

    def form(self, value: bool) -> Form:
        return value

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class OneOf:
    """Few values, written into the SQL: partial indexes serve them, and the plan knows how many
    rows have them: `Annotated[list[State], OneOf("state")]`.
    """

    column: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        assert isinstance(form, tuple)
        chosen = [table.c[self.column] == quoted(value) for value in form]
        return or_(*chosen)

    def form(self, value: list[str]) -> Form:
        return tuple(sorted(set(value)))

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return {}

    def lists(self, name: str, form: Form) -> Select[Any] | None:
        return None


@dataclass(frozen=True, slots=True)
class Listed(Plain):
    """Rows that a look-up table lists under a value, such as the customers of an e-mail."""

    model: type[Base]
    owner: str
    value: str
    fixed: tuple[tuple[str, str], ...]

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        return table.c.id.in_(self.listed(name, form))

    def lists(self, name: str, form: Form) -> Select[Any] | None:
        return None if form else self.listed(name, form)

    def listed(self, name: str, form: Form) -> Select[Any]:
        value = table_of(self.model).c[self.value]
        wanted = bindparam(name, type_=ARRAY(value.type)).any_() if form else bindparam(name)
        return self._rows().where(value == wanted)

    def has(self, id: ColumnElement[Any], passes: Callable[[Any], Any]) -> ColumnElement[bool]:
        """Whether a value that is listed for the row with this id passes."""
        index = table_of(self.model)
        mine = self._rows().where(index.c[self.owner] == id)
        return mine.where(passes(index.c[self.value])).correlate_except(index).exists()

    def _rows(self) -> Select[Any]:
        index = table_of(self.model)
        constants = [index.c[column] == quoted(constant) for column, constant in self.fixed]
        return select(index.c[self.owner]).where(index.c.tenant_id == TENANT, *constants)
