from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from crm_api.kit.db import table_of
from crm_api.kit.journal import EVENTS
from crm_api.kit.paging import WANTED
from crm_api.kit.projection import body_of
from crm_api.kit.reader import Reader
from crm_api.kit.statement import TENANT, Statement, in_tenant

from .models import JournalEvent
from .schemas import EventRead

Types = list[str] | None
JOURNAL = table_of(JournalEvent)
TYPES = bindparam("types", type_=ARRAY(Text()))
AFTER = bindparam("after", type_=BigInteger())
NEWEST = in_tenant(
    select(func.max(EVENTS.c.sequence))
    .where(EVENTS.c.tenant_id == TENANT, EVENTS.c.sequence.is_not(None))
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Told:
    """A numbered event; `body` is its JSON, as somebody may see it."""

    id: UUID
    type: str
    sequence: int
    body: str


class EventRepository(Reader[EventRead]):
    """Numbered events, as the actor of the context may see them; of `types`, where some are named."""

    read = EventRead

    async def newest(self) -> int:
        """The last number that was given; 0 where there is none."""
        return int(await self.ctx.work.fetch(NEWEST, {}) or 0)

    async def shown(self, ids: Sequence[UUID], types: Types) -> Sequence[Told]:
        """Those of these that are there, in their order in time."""
        return await self._told(_by_ids(types is None), ids=list(ids), types=types)

    async def since(self, sequence: int, types: Types, limit: int) -> Sequence[Told]:
        """Those that follow a number, one more than `limit` at most."""
        return await self._told(_since(types is None), after=sequence, types=types, limit=limit)

    async def _told(self, statement: Statement, **values: Any) -> Sequence[Told]:
        found = await self._fetch(statement, values)
        return [Told(UUID(id), type, int(number), body) for id, type, number, body in found or ()]


@lru_cache
def _by_ids(every: bool) -> Statement:
    ids = bindparam("ids", type_=ARRAY(Uuid()))
    chosen = select(EVENTS.c.id, EVENTS.c.sequence).where(
        EVENTS.c.tenant_id == TENANT, EVENTS.c.sequence.is_not(None), EVENTS.c.id == ids.any_()
    )
    return _listed(chosen if every else chosen.where(EVENTS.c.type == TYPES.any_()))


@lru_cache
def _since(every: bool) -> Statement:
    return _listed(following() if every else following_of_types())


def _listed(chosen: Select[Any]) -> Statement:
    """`[id, type, sequence, body]` of each."""
    rows = whole(chosen).subquery("rows")
    body, source = body_of(EventRead, rows)
    told = array([cast(rows.c.id, Text), rows.c.type, cast(rows.c.sequence, Text), body])
    listed = select(func.array_agg(aggregate_order_by(told, rows.c.sequence))).select_from(source)
    return in_tenant(listed.scalar_subquery())


def following() -> Select[Any]:
    """The next events after a number, whatever they are."""
    return _next().limit(WANTED)


def following_of_types() -> Select[Any]:
    """The next of each type are read from an index, so that rare ones are found at once."""
    types = func.unnest(TYPES).table_valued(column("type", Text), name="wanted").render_derived()
    each = _next().where(EVENTS.c.type == types.c.type).limit(WANTED).lateral("each")
    found = select(each).select_from(types.join(each, true()))
    return found.order_by(each.c.sequence).limit(WANTED)


def _next() -> Select[Any]:
    return (
        select(EVENTS.c.id, EVENTS.c.sequence)
        .where(EVENTS.c.tenant_id == TENANT, EVENTS.c.sequence > AFTER)
        .order_by(EVENTS.c.sequence)
    )


def whole(chosen: Select[Any]) -> Select[Any]:
    """All of the events of which the ids were found; row by row, whatever the plan expects."""
    found = chosen.subquery("chosen")
    mine = (JOURNAL.c.tenant_id == TENANT, JOURNAL.c.id == found.c.id)
    row = select(JOURNAL).where(*mine).offset(literal_column("0")).lateral("row")
    return select(row).select_from(found.join(row, true())).order_by(row.c.sequence)
