"""Work that is undone if it fails, while the rest of its unit of work goes on."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from .context import Context

T = TypeVar("T")


async def undone_if_it_fails(ctx: Context, deed: Callable[[], Awaitable[T]]) -> T:
    """What the deed raises is raised, and rows that it has locked are let go."""
    async with ctx.work.savepoint():
        return await deed()
