"""Work that nobody else of the tenant does at the same time."""

from sqlalchemy import Table, func, select, text

from .context import Context
from .statement import TENANT

LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('|', CAST(:tenant AS uuid), "
    "CAST(:whom AS text)), 0))"
)


async def alone(ctx: Context, *whom: object) -> None:
    """Whoever asks for the same waits until this work has ended."""
    await ctx.work.rows(LOCK, {"whom": "|".join(map(str, whom))})


async def counted(ctx: Context, table: Table, **values: object) -> int:
    """How many rows have these values; who asks the same waits until this work has ended."""
    await alone(ctx, table.name, *values.values())
    same = [table.c[name] == value for name, value in values.items()]
    there = select(func.count()).where(table.c.tenant_id == TENANT, *same)
    return int((await ctx.work.rows(there, {}))[0][0])
