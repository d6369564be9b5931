"""Marks of query parameters: what each asks of the rows, and how it is written as SQL."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, bindparam, select

from .db import Base, table_of
from .statement import TENANT, quoted


@runtime_checkable
class Filter(Protocol):
    """What a query parameter asks of the rows; `name` is the parameter's."""

    def condition(self, table: FromClause, name: str, many: bool) -> ColumnElement[bool]: ...

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        """What the parameters of the SQL are bound to."""
        ...


@runtime_checkable
class Finder(Protocol):
    """A query parameter that finds few rows, before any filter looks at them."""

    def rows(self, table: FromClause, name: str) -> FromClause: ...

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]: ...


class Plain:
    """A filter whose condition compares with what was asked."""

    __slots__ = ()

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return {name: value}


@dataclass(frozen=True, slots=True)
class Where(Plain):
    """Binds a parameter to a column: `Annotated[..., Where("created_at", operator.ge)]`."""

    column: str
    compare: Callable[[Any, Any], Any] = operator.eq

    def condition(self, table: FromClause, name: str, many: bool) -> ColumnElement[bool]:
        column = table.c[self.column]
        if many:
            return column == bindparam(name, type_=ARRAY(column.type)).any_()
        result: ColumnElement[bool] = self.compare(column, bindparam(name, type_=column.type))
        return result


@dataclass(frozen=True, slots=True)
class Listed(Plain):
    """Rows that a look-up table lists under a value, such as the customers of an e-mail."""

    model: type[Base]
    owner: str
    value: str
    fixed: tuple[tuple[str, str], ...]

    def condition(self, table: FromClause, name: str, many: bool) -> ColumnElement[bool]:
        index = table_of(self.model)
        value = index.c[self.value]
        wanted = bindparam(name, type_=ARRAY(value.type)).any_() if many else bindparam(name)
        chosen = select(index.c[self.owner]).where(index.c.tenant_id == TENANT, value == wanted)
        for column, constant in self.fixed:
            chosen = chosen.where(index.c[column] == quoted(constant))
        return table.c.id.in_(chosen)
