"""Free things, the last used first; whoever waits is served in turns, one group after another."""

import asyncio
from collections import deque
from collections.abc import Hashable, Iterator
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
Waiter = tuple[asyncio.Future[T], float]
LOOK = 0.1


class Turns(Generic[T]):
    """A queue that one group cannot fill: with forty of its own before it, a group that waits for
    the first time is served next but one.

    One timer looks for those who have waited for `patience` seconds: a timer for each would cost
    more than the waiting.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._free: list[T] = []
        self._waiting: dict[Hashable, deque[Waiter[T]]] = {}
        self._looking = False

    def qsize(self) -> int:
        return len(self._free)

    def waiting(self) -> int:
        return sum(not waiter.done() for waiter, _ in self._all())

    def put_nowait(self, thing: T) -> None:
        while self._waiting:
            waiter = self._next()
            if not waiter.done():
                return waiter.set_result(thing)
        self._free.append(thing)

    def get_nowait(self) -> T:
        """Raises IndexError where nothing is free."""
        return self._free.pop()

    async def get(self, group: Hashable) -> T:
        """Raises TimeoutError after so much patience, or a moment later."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, deque()).append((waiter, monotonic() + self.patience))
        if not self._looking:
            self._look_later()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.put_nowait(waiter.result())
            raise

    def _next(self) -> "asyncio.Future[T]":
        """The first of the group whose turn it is; the others of it wait for its next turn."""
        group, line = next(iter(self._waiting.items()))
        waiter, _ = line.popleft()
        del self._waiting[group]
        if line:
            self._waiting[group] = line
        return waiter

    def _all(self) -> Iterator[Waiter[T]]:
        return (each for line in self._waiting.values() for each in line)

    def _look_later(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(LOOK, self._look)

    def _look(self) -> None:
        self._looking, now = False, monotonic()
        for waiter, until in self._all():
            if until <= now and not waiter.done():
                waiter.set_exception(TimeoutError())
        if self._waiting:
            self._look_later()
