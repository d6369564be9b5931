"""Connections, kept open and handed out as they are: no ping, no reset, no proxy."""

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import engine_of
from .errors import Unavailable
from .turns import Turns
from .watch import Watch, WatchedConnection
from .words import say

PATIENCE = 1.0
SECONDS_FOR_AN_ANSWER = 7.0  # beyond the server's own statement_timeout: then it is silent
UNKNOWN_STATE = (asyncio.CancelledError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Line:
    """One connection with two ends: `driver` for compiled statements, `orm` for sessions."""

    driver: WatchedConnection
    orm: AsyncConnection


class Borrowed:
    __slots__ = ("group", "line", "pool")

    def __init__(self, pool: "Pool", group: Hashable) -> None:
        self.pool, self.group = pool, group

    async def __aenter__(self) -> Line:
        self.line = await self.pool.take(self.group)
        return self.line

    async def __aexit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None and issubclass(error, UNKNOWN_STATE):
            await self.pool.drop(self.line)
        else:
            self.pool.give(self.line)


class Pool:
    """A few connections, the last used first. SQLAlchemy's own checkout costs 95 µs a request.

    Who waits says for which group (a tenant): groups are served in turns.

    The engine is in AUTOCOMMIT: who needs a transaction says BEGIN and COMMIT to the driver, and
    a read is one statement that leaves nothing behind, so there is nothing to reset.
    """

    def __init__(
        self, url: str, size: int, watch: Watch, server_settings: Mapping[str, str] | None = None
    ) -> None:
        spelling = {"DateStyle": "ISO", "TimeZone": "UTC", **(server_settings or {})}
        self.engine = engine_of(
            url,
            size,
            server_settings=spelling,
            command_timeout=SECONDS_FOR_AN_ANSWER,
            connection_class=WatchedConnection,
        )
        self.size, self.watch = size, watch
        self._free: Turns[Line | None] = Turns(PATIENCE)

    async def open(self) -> None:
        for _ in range(self.size):
            self._free.put_nowait(await self._connect())

    def free(self) -> int:
        return self._free.qsize()

    def waiting(self) -> int:
        return self._free.waiting()

    async def take(self, group: Hashable = None) -> Line:
        line = self._free.get_nowait() if self._free.qsize() else await self._wait(group)
        if line is not None and not line.driver.is_closed():
            return line
        try:
            if line is not None:
                await _forget(line)
            return await self._connect()
        except BaseException:
            self._free.put_nowait(None)
            raise

    async def _wait(self, group: Hashable) -> Line | None:
        begun = perf_counter()
        try:
            return await self._free.get(group)
        except TimeoutError as error:
            self.watch.metrics.refused("pool")
            raise Unavailable(say("All database connections are busy.")) from error
        finally:
            self.watch.metrics.waits.add(perf_counter() - begun)

    def line(self, group: Hashable = None) -> "Borrowed":
        """For one statement: `async with pool.line(tenant) as line`."""
        return Borrowed(self, group)

    def give(self, line: Line) -> None:
        self._free.put_nowait(line)

    async def drop(self, line: Line) -> None:
        """Its state is unknown: never hand it out again, but keep its place."""
        line.driver.terminate()
        self._free.put_nowait(None)
        await _forget(line)

    async def close(self) -> None:
        while self._free.qsize():
            if line := self._free.get_nowait():
                await line.orm.close()
        await self.engine.dispose()

    async def _connect(self) -> Line:
        orm = await self.engine.connect()
        driver = (await orm.get_raw_connection()).driver_connection
        assert isinstance(driver, WatchedConnection)
        driver.watch = self.watch
        return Line(driver, orm)


async def _forget(line: Line) -> None:
    """Give the engine its place back."""
    await line.orm.invalidate()
    await line.orm.close()
