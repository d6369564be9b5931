"""Lists: declare the query parameters of a collection, get filtering, sorting and paging."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import ARRAY, ColumnElement, Table, bindparam, literal, select

from .db import Base, table_of
from .schema import Input, Read
from .statement import TENANT, quoted

R = TypeVar("R", bound=Read)


class Filter(Protocol):
    """What a query parameter asks of the rows; `name` is the parameter's."""

    def condition(self, table: Table, name: str, many: bool) -> ColumnElement[bool]: ...


@dataclass(frozen=True, slots=True)
class Where:
    """Binds a parameter to a column: `Annotated[..., Where("created_at", operator.ge)]`."""

    column: str
    compare: Callable[[Any, Any], Any] = operator.eq

    def condition(self, table: Table, name: str, many: bool) -> ColumnElement[bool]:
        column = table.c[self.column]
        if many:
            return column == bindparam(name, type_=ARRAY(column.type)).any_()
        result: ColumnElement[bool] = self.compare(column, bindparam(name, type_=column.type))
        return result


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows that a look-up table lists under a value, such as the customers of an e-mail."""

    model: type[Base]
    owner: str
    value: str
    fixed: tuple[tuple[str, str], ...]

    def condition(self, table: Table, name: str, many: bool) -> ColumnElement[bool]:
        index = table_of(self.model)
        value = index.c[self.value]
        wanted = bindparam(name, type_=ARRAY(value.type)).any_() if many else bindparam(name)
        chosen = select(index.c[self.owner]).where(index.c.tenant_id == TENANT, value == wanted)
        for column, constant in self.fixed:
            chosen = chosen.where(index.c[column] == quoted(constant))
        return table.c.id.in_(chosen)


class ListQuery(Input):
    """What every collection understands. Subclasses narrow `sort` and add filters.

    `sorts` names the column behind a sort key where it is not the column of that name; the
    columns are never null, or rows would be lost between pages.
    """

    sorts: ClassVar[Mapping[str, str]] = {}

    limit: Annotated[
        int, Field(ge=1, le=200, description="How many records a page holds, at most.")
    ] = 50
    cursor: Annotated[
        str | None,
        Field(max_length=2000, description="`next_cursor` of the page before, as it was sent."),
    ] = None

    def sort_keys(self) -> tuple[str, ...]:
        """`-created_at` before `name`, as asked, with columns for keys."""
        asked: list[str] = getattr(self, "sort", None) or ["-created_at"]
        return tuple(_column(key, self.sorts) for key in asked)

    def used(self) -> dict[str, Any]:
        """The filters in use, by the name of their parameter."""
        values = {name: getattr(self, name) for name in filters(type(self))}
        return {name: value for name, value in values.items() if value not in (None, [])}

    def question(self) -> str:
        """All that a cursor depends on."""
        return self.model_dump_json(exclude={"cursor", "limit"})


def _column(key: str, sorts: Mapping[str, str]) -> str:
    name = key.removeprefix("-")
    return ("-" if key.startswith("-") else "") + sorts.get(name, name)


@lru_cache
def filters(query: type[ListQuery]) -> dict[str, Filter]:
    fields = query.model_fields.items()
    return {n: mark for n, f in fields for mark in f.metadata if isinstance(mark, Where | Listed)}


class Page(BaseModel, Generic[R]):
    """One page of a collection; follow `next_cursor` until it is null."""

    data: list[R]
    has_more: Annotated[bool, Field(description="Whether there is a page after this one.")]
    next_cursor: Annotated[
        str | None, Field(description="Send it as `cursor` for the next page; null on the last.")
    ]


@dataclass(frozen=True, slots=True)
class Listing:
    """The JSON of one `Page`."""

    body: str
    next_cursor: str | None


def conditions(table: Table, query: type[ListQuery], used: Mapping[str, bool]) -> list[Any]:
    """`used` says of each parameter whether it came as a list."""
    known = filters(query)
    return [known[name].condition(table, name, many) for name, many in used.items()] or [
        literal(True)
    ]
