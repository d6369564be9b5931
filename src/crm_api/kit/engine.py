"""SQLAlchemy over connections that asyncpg makes from a libpq address, with all its parameters."""

from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

SECONDS_TO_CONNECT = 5


def libpq(url: str) -> str:
    """An address as libpq has it, also where SQLAlchemy's name of the driver is in it."""
    return url.replace("+asyncpg", "", 1)


def engine_of(url: str, size: int = 1, **connect: Any) -> AsyncEngine:
    """`size` connections at most; every one of them commits each statement by itself."""

    async def connection() -> Any:
        return await asyncpg.connect(libpq(url), timeout=SECONDS_TO_CONNECT, **connect)

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connection,
        pool_size=size,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",
    )
