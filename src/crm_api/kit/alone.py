"""Work that nobody else of the tenant does at the same time."""

from sqlalchemy import text

from .context import Context

LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('|', CAST(:tenant AS uuid), "
    "CAST(:whom AS text)), 0))"
)


async def alone(ctx: Context, *whom: object) -> None:
    """Whoever asks for the same waits until this work has ended."""
    await ctx.work.rows(LOCK, {"whom": "|".join(map(str, whom))})
