"""Free things, the last used first; whoever waits is served in turns, one group after another."""

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """A queue that one group cannot fill: with forty of its own before it, a group that waits for
    the first time is served next but one."""

    def __init__(self) -> None:
        self._free: list[T] = []
        self._waiting: dict[Hashable, deque[asyncio.Future[T]]] = {}

    def qsize(self) -> int:
        return len(self._free)

    def empty(self) -> bool:
        return not self._free

    def waiting(self) -> int:
        return sum(not waiter.done() for line in self._waiting.values() for waiter in line)

    def get_nowait(self) -> T:
        """Raises IndexError where nothing is free."""
        return self._free.pop()

    def put_nowait(self, thing: T) -> None:
        while self._waiting:
            waiter = self._next()
            if not waiter.done():
                return waiter.set_result(thing)
        self._free.append(thing)

    async def get(self, group: Hashable) -> T:
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, deque()).append(waiter)
        try:
            return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.put_nowait(waiter.result())
            raise

    def _next(self) -> "asyncio.Future[T]":
        """The first of the group whose turn it is; the others of it wait for its next turn."""
        group, line = next(iter(self._waiting.items()))
        waiter = line.popleft()
        del self._waiting[group]
        if line:
            self._waiting[group] = line
        return waiter
