"""All records of a noun, one stretch after another in the order of their ids.

What a stretch costs does not depend on how rare the records are that a filter lets pass: so many
rows are looked at, and no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from .context import Context
from .db import table_of
from .paging import Used
from .places import LIMIT
from .projection import body_of
from .query import NOTHING, ListQuery, Meant, conditions
from .ruled import NO_MASKS, Masks
from .schema import Read
from .sight import narrowed, seen_by
from .statement import TENANT, Statement, in_tenant, number, quoted

R = TypeVar("R", bound=Read)
ROWS, ROWS_OF_IDS = 1000, 10_000
BEGINNING = UUID(int=0)
AFTER = bindparam("after", type_=Uuid())
Made = Callable[[type[Read], type[ListQuery], Used], Statement]


@dataclass(frozen=True, slots=True)
class Stretch:
    """`lines` are documents as a GET shows them, one a line; `last` is the id of the last row
    that was looked at, null where none was left."""

    lines: bytes
    found: int
    looked_at: int
    last: UUID | None


@lru_cache(maxsize=256)
def stretch(
    read: type[Read], query: type[ListQuery], used: Used, masks: Masks = NO_MASKS
) -> Statement:
    """`[lines, how many they are, how many rows were looked at, id of the last]`, as UTF-8."""
    seen = _next_rows(read)
    passed = select(seen).where(*conditions(seen, query, dict(used))).subquery("passed")
    body, source = body_of(read, passed, masks)
    lines = func.string_agg(body, aggregate_order_by(quoted("\n"), passed.c.id))
    told = [lines, cast(func.count(), Text), *_looked_at(seen)]
    whole = select(array([func.convert_to(text, quoted("UTF8")) for text in told]))
    return in_tenant(whole.select_from(source).scalar_subquery())


@lru_cache(maxsize=256)
def ids(read: type[Read], query: type[ListQuery], used: Used) -> Statement:
    """`[ids, how many rows were looked at, id of the last]`, as text."""
    seen = _next_rows(read)
    found = func.string_agg(cast(seen.c.id, Text), aggregate_order_by(quoted(","), seen.c.id))
    passed = select(found).where(*conditions(seen, query, dict(used))).scalar_subquery()
    return in_tenant(select(array([passed, *_looked_at(seen)])).scalar_subquery())


@lru_cache(maxsize=256)
def those(read: type[Read], query: type[ListQuery], used: Used) -> Statement:
    """Which of `ids` a filter lets pass."""
    table = table_of(read.table)
    asked = bindparam("ids", type_=ARRAY(Uuid())).any_()
    found = select(func.array_agg(table.c.id)).where(table.c.id == asked)
    return in_tenant(found.where(*conditions(table, query, dict(used))).scalar_subquery())


def _next_rows(read: type[Read]) -> CTE:
    table = table_of(read.table)
    scan = select(table).where(table.c.tenant_id == TENANT, table.c.id > AFTER)
    return scan.order_by(table.c.id).limit(LIMIT).cte("seen")


def _looked_at(seen: CTE) -> list[ColumnElement[Any]]:
    last = select(cast(seen.c.id, Text)).order_by(seen.c.id.desc()).limit(number(1))
    many = select(cast(func.count(), Text)).select_from(seen)
    return [many.scalar_subquery(), last.scalar_subquery()]


@lru_cache
def how_many(read: type[Read]) -> Statement:
    table = table_of(read.table)
    counted = select(func.count()).select_from(table).where(table.c.tenant_id == TENANT)
    return in_tenant(counted.scalar_subquery())


class Walker(Generic[R]):
    """`meant` are filters that were understood already."""

    def __init__(self, ctx: Context, read: type[R]) -> None:
        self.ctx, self.read = ctx, read
        self.seen = seen_by(ctx.actor, read.table)

    async def stretch(
        self, query: ListQuery, meant: Meant = NOTHING, after: UUID = BEGINNING, rows: int = ROWS
    ) -> Stretch:
        asked = {"after": after, "limit": rows, "masked": self.ctx.actor.masked}
        made = partial(stretch, masks=self.ctx.actor.masks)
        lines, found, seen, last = await self._fetch(made, query, meant, asked)
        end = UUID(last.decode()) if last else None
        return Stretch(lines + b"\n" if lines else b"", int(found), int(seen), end)

    async def ids(
        self, query: ListQuery, meant: Meant, after: UUID
    ) -> tuple[list[UUID], int, UUID | None]:
        """Of the next rows those that pass; how many were looked at, and the last of them."""
        asked = {"after": after, "limit": ROWS_OF_IDS}
        found, seen, last = await self._fetch(ids, query, meant, asked)
        passed = [UUID(id) for id in found.split(",")] if found else []
        return passed, int(seen), UUID(last) if last else None

    async def those(self, query: ListQuery, meant: Meant, asked: Sequence[UUID]) -> set[UUID]:
        """Which of these records there are, and pass."""
        return set(await self._fetch(those, query, meant, {"ids": list(asked)}) or ())

    async def how_many(self) -> int:
        """All of the tenant's, whatever their state."""
        counted: int = await self.ctx.work.fetch(how_many(self.read), {})
        return counted

    async def _fetch(self, made: Made, query: ListQuery, meant: Meant, asked: Meant) -> Any:
        meant = narrowed(meant, self.seen)
        statement = made(self.read, type(query), query.asked(meant))
        values = query.arguments(self.ctx.tenant.id, meant)
        return await self.ctx.work.fetch(statement, {**asked, **values})
