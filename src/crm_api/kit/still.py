"""Reading what was so at one moment, for as long as it takes, while others write."""

from .context import Context

OPENING = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{}'; "
    "SET LOCAL idle_in_transaction_session_timeout = '60s'"
)


async def see(ctx: Context, snapshot: str) -> None:
    """From here on `ctx` reads what whoever has exported this snapshot sees, and writes nothing."""
    ctx.work.transaction.opening = OPENING.format(snapshot)
    await ctx.work.transaction.begin()
