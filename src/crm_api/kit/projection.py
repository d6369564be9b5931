"""Reads: a `Read` schema, written as JSON by PostgreSQL and passed on as bytes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from .columns import columns, prefix_of
from .db import table_of
from .hiding import from_tenant
from .ruled import NO_MASKS, Masks
from .schema import Read
from .sight import Seen, visible
from .statement import NAMED, Statement, in_tenant, quoted

R = TypeVar("R", bound=Read)
ID = bindparam("id", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Document(Generic[R]):
    """The JSON of one `R`, parsed only where somebody wants to look inside.

    `variant` tells the answer from the plain full view of the same version, in its ETag.
    """

    read: type[R]
    version: int
    body: str
    variant: str = ""

    @property
    def value(self) -> R:
        return self.read.model_validate_json(self.body)


@dataclass(frozen=True, slots=True)
class Written(Generic[R]):
    """A record that this work adds or changes; its document is read as the work commits."""

    read: type[R]
    id: UUID
    version: int
    outcome: Literal["created", "updated", "unchanged"]

    def name(self) -> str:
        return prefix_of(self.read).write(self.id)


def body_of(
    read: type[Read], row: FromClause | None = None, masks: Masks | None = NO_MASKS
) -> tuple[ColumnElement[str], Any]:
    """The JSON text of a row of the table, and what to select it from."""
    table = table_of(read.table) if row is None else row
    item = select(*columns(read, table.c, masks)).correlate(table).lateral()
    source = table.join(item, literal_column("true"))
    return cast(func.row_to_json(item.table_valued()), Text), source


@lru_cache
def one_of(
    read: type[Read],
    id: ColumnElement[Any] = ID,
    seen: Seen | None = None,
    masks: Masks = NO_MASKS,
) -> Statement:
    """`[json, version]` of the row with the id that `id` says, or null."""
    table, (body, source) = table_of(read.table), body_of(read, masks=masks)
    chosen = select(array([body, cast(table.c.version, Text)])).select_from(source)
    chosen = chosen.where(*visible(table, seen), table.c.id == id)
    return in_tenant(chosen.scalar_subquery())


@lru_cache
def many(read: type[Read], seen: Seen | None = None, masks: Masks = NO_MASKS) -> Statement:
    """`[items, ids that are not there]`, in the order of `ids`."""
    table, (body, source) = table_of(read.table), body_of(read, masks=masks)
    wanted = func.unnest(bindparam("ids", type_=ARRAY(Uuid())))
    asked = wanted.table_valued("id", with_ordinality="place", name="asked").render_derived()
    found = source.select().with_only_columns(table.c.id, body.label("body"))
    rows = found.where(*visible(table, seen)).subquery("rows")
    items = func.string_agg(rows.c.body, aggregate_order_by(quoted(","), asked.c.place))
    lost = func.string_agg(cast(asked.c.id, Text), quoted(",")).filter(rows.c.id.is_(None))
    joined = asked.outerjoin(rows, rows.c.id == cast(asked.c.id, Uuid()))
    return in_tenant(select(array([items, lost])).select_from(joined).scalar_subquery())


@lru_cache
def documents(read: type[Read]) -> str:
    """SQL for `id, body, version` of all rows that a statement with a `tenant` has just written."""
    table, (body, source) = table_of(read.table), body_of(read, masks=None)
    chosen = select(table.c.id, body.label("body"), table.c.version).select_from(source)
    return from_tenant(str(chosen.compile(dialect=NAMED)))


@lru_cache
def locked(read: type[Read], seen: Seen | None = None) -> Select[Any]:
    """The rows to be changed, locked in one order, and the documents that they are before.

    Their keys never change, so rows that refer to them may still be written meanwhile.
    """
    table, (body, source) = table_of(read.table), body_of(read, masks=None)
    chosen = select(table, body.label("before_")).select_from(source)
    wanted = bindparam("ids", type_=ARRAY(Uuid())).any_()
    chosen = chosen.where(*visible(table, seen), table.c.id == wanted)
    return chosen.order_by(table.c.id).with_for_update(of=table, key_share=True)
