"""One unit of work that answers nobody: all of it, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .context import Context
from .failures import told_as_problems


@asynccontextmanager
async def whole(ctx: Context) -> AsyncIterator[Context]:
    """Commits at the end; whatever goes wrong before undoes it, and leaves as a problem."""
    try:
        with told_as_problems:
            yield ctx
            await ctx.finish()
    except BaseException as error:
        await ctx.work.abandon(error)
        raise


@asynccontextmanager
async def rehearsed(ctx: Context) -> AsyncIterator[Context]:
    """As `whole`, but that nothing of it remains."""
    try:
        with told_as_problems:
            yield ctx
            await ctx.house.subscriptions.dispatch(ctx)
            await ctx.work.rehearse()
    except BaseException as error:
        await ctx.work.abandon(error)
        raise
