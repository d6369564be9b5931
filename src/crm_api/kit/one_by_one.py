"""Who does what another is doing waits outside the database, and holds nothing meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from .errors import RequestInProgress
from .words import say

PATIENCE = 2.0


class OneByOne:
    """One after the other, for each name; what nobody waits for is forgotten."""

    def __init__(self) -> None:
        self._locks: dict[Any, asyncio.Lock] = {}
        self._wanted: dict[Any, int] = {}

    @asynccontextmanager
    async def take(self, name: Any) -> AsyncIterator[bool]:
        """Yields whether somebody else was first. Raises RequestInProgress after two seconds."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        waited = lock.locked()
        self._wanted[name] = self._wanted.get(name, 0) + 1
        try:
            await _acquire(lock)
            try:
                yield waited
            finally:
                lock.release()
        finally:
            self._leave(name)

    def _leave(self, name: Any) -> None:
        self._wanted[name] -= 1
        if not self._wanted[name]:
            del self._wanted[name], self._locks[name]


async def _acquire(lock: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await lock.acquire()
    except TimeoutError as error:
        raise RequestInProgress(say("The same request is being worked on.")) from error
