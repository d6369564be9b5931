"""All records of a noun, one stretch after another in the order of their ids.

What a stretch costs does not depend on how rare the records are that a filter lets pass: so many
rows are looked at, and no more.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from .choosing import LIMIT
from .context import Context
from .db import table_of
from .paging import Used
from .projection import body_of
from .query import NOTHING, ListQuery, Meant, conditions
from .schema import Read
from .statement import TENANT, Statement, in_tenant, quoted

R = TypeVar("R", bound=Read)
ROWS = 1000
BEGINNING = UUID(int=0)
AFTER = bindparam("after", type_=Uuid())


@dataclass(frozen=True, slots=True)
class Stretch:
    """`lines` are documents as a GET shows them, one a line; `last` is the id of the last row
    that was looked at, null where none was left."""

    lines: bytes
    found: int
    looked_at: int
    last: UUID | None


@lru_cache(maxsize=256)
def stretch(read: type[Read], query: type[ListQuery], used: Used) -> Statement:
    """`[lines, how many they are, how many rows were looked at, id of the last]`, as UTF-8."""
    table = table_of(read.table)
    scan = select(table).where(table.c.tenant_id == TENANT, table.c.id > AFTER)
    seen = scan.order_by(table.c.id).limit(LIMIT).cte("seen")
    passed = select(seen).where(*conditions(seen, query, dict(used))).subquery("passed")
    body, source = body_of(read, passed)
    lines = func.string_agg(body, aggregate_order_by(quoted("\n"), passed.c.id))
    last = select(cast(seen.c.id, Text)).order_by(seen.c.id.desc()).limit(literal_column("1"))
    told = [
        lines,
        cast(func.count(), Text),
        select(cast(func.count(), Text)).select_from(seen).scalar_subquery(),
        last.scalar_subquery(),
    ]
    whole = select(array([func.convert_to(text, quoted("UTF8")) for text in told]))
    return in_tenant(whole.select_from(source).scalar_subquery())


@lru_cache
def how_many(read: type[Read]) -> Statement:
    table = table_of(read.table)
    counted = select(func.count()).select_from(table).where(table.c.tenant_id == TENANT)
    return in_tenant(counted.scalar_subquery())


class Walker(Generic[R]):
    def __init__(self, ctx: Context, read: type[R]) -> None:
        self.ctx, self.read = ctx, read

    async def stretch(
        self, query: ListQuery, meant: Meant = NOTHING, after: UUID = BEGINNING, rows: int = ROWS
    ) -> Stretch:
        """`meant` are filters that were understood already."""
        statement = stretch(self.read, type(query), query.asked(meant))
        asked = {"after": after, "limit": rows, "masked": self.ctx.actor.masked}
        values = query.arguments(self.ctx.tenant.id, meant)
        lines, found, seen, last = await self.ctx.work.fetch(statement, {**asked, **values})
        end = UUID(last.decode()) if last else None
        return Stretch(lines + b"\n" if lines else b"", int(found), int(seen), end)

    async def how_many(self) -> int:
        """All of the tenant's, whatever their state."""
        counted: int = await self.ctx.work.fetch(how_many(self.read), {})
        return counted
