"""Many small questions at the same time become one: while one is answered, others gather."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

G = TypeVar("G")
A = TypeVar("A")
B = TypeVar("B")


class Gathering(Generic[G, A, B]):
    """Asks `answer` for all of a group that have come meanwhile, `most` of them at once, and never
    twice at the same time for one group."""

    def __init__(
        self, answer: Callable[[G, Sequence[A]], Awaitable[Sequence[B]]], most: int = 100
    ) -> None:
        self.answer, self.most = answer, most
        self._waiting: dict[G, list[tuple[A, asyncio.Future[B]]]] = {}
        self._running: dict[G, asyncio.Task[None]] = {}

    async def ask(self, group: G, item: A) -> B:
        """Raises what the question raised that it became a part of."""
        mine: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, []).append((item, mine))
        if group not in self._running:
            self._running[group] = asyncio.create_task(self._run(group))
        return await mine

    async def _run(self, group: G) -> None:
        await asyncio.sleep(0)
        while waiting := self._waiting.pop(group, []):
            some, rest = waiting[: self.most], waiting[self.most :]
            if rest:
                self._waiting[group] = rest
            await self._answer(group, some)
        del self._running[group]

    async def _answer(self, group: G, some: Sequence[tuple[A, "asyncio.Future[B]"]]) -> None:
        """Who has gone meanwhile is told nothing."""
        items, waiting = [item for item, _ in some], [mine for _, mine in some]
        try:
            answers = await self.answer(group, items)
        except Exception as error:
            for mine in (one for one in waiting if not one.done()):
                mine.set_exception(error)
            return
        for mine, told in zip(waiting, answers, strict=True):
            if not mine.done():
                mine.set_result(told)
