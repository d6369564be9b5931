"""Connections, kept open and handed out as they are: no ping, no reset, no proxy."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import engine_of
from .errors import Unavailable

PATIENCE = 1.0
SECONDS_FOR_AN_ANSWER = 7.0  # beyond the server's own statement_timeout: then it is silent
UNKNOWN_STATE = (asyncio.CancelledError, TimeoutError)
Driver = asyncpg.Connection  # generic in the stubs only


@dataclass(frozen=True, slots=True)
class Line:
    """One connection with two ends: `driver` for compiled statements, `orm` for sessions."""

    driver: "Driver[asyncpg.Record]"
    orm: AsyncConnection


class Borrowed:
    __slots__ = ("line", "pool")

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool

    async def __aenter__(self) -> Line:
        self.line = await self.pool.take()
        return self.line

    async def __aexit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None and issubclass(error, UNKNOWN_STATE):
            await self.pool.drop(self.line)
        else:
            self.pool.give(self.line)


class Pool:
    """A few connections, the last used first. SQLAlchemy's own checkout costs 95 µs a request.

    The engine is in AUTOCOMMIT: who needs a transaction says BEGIN and COMMIT to the driver, and
    a read is one statement that leaves nothing behind, so there is nothing to reset.
    """

    def __init__(
        self, url: str, size: int, server_settings: Mapping[str, str] | None = None
    ) -> None:
        spelling = {"DateStyle": "ISO", "TimeZone": "UTC", **(server_settings or {})}
        self.engine = engine_of(
            url, size, server_settings=spelling, command_timeout=SECONDS_FOR_AN_ANSWER
        )
        self.size = size
        self._free: asyncio.LifoQueue[Line | None] = asyncio.LifoQueue()

    async def open(self) -> None:
        for _ in range(self.size):
            self._free.put_nowait(await self._connect())

    async def take(self) -> Line:
        line = await self._next()
        if line is not None and not line.driver.is_closed():
            return line
        try:
            if line is not None:
                await _forget(line)
            return await self._connect()
        except BaseException:
            self._free.put_nowait(None)
            raise

    async def _next(self) -> Line | None:
        if not self._free.empty():
            return self._free.get_nowait()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._free.get()
        except TimeoutError as error:
            raise Unavailable("All database connections are busy.") from error

    def line(self) -> "Borrowed":
        """For one statement: `async with pool.line() as line`."""
        return Borrowed(self)

    def give(self, line: Line) -> None:
        self._free.put_nowait(line)

    async def drop(self, line: Line) -> None:
        """Its state is unknown: never hand it out again, but keep its place."""
        line.driver.terminate()
        self._free.put_nowait(None)
        await _forget(line)

    async def close(self) -> None:
        while not self._free.empty():
            if line := self._free.get_nowait():
                await line.orm.close()
        await self.engine.dispose()

    async def _connect(self) -> Line:
        orm = await self.engine.connect()
        driver = (await orm.get_raw_connection()).driver_connection
        assert driver is not None
        return Line(driver, orm)


async def _forget(line: Line) -> None:
    """Give the engine its place back."""
    await line.orm.invalidate()
    await line.orm.close()
