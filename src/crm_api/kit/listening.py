"""The open streams of a process: how many there may be, and the one look that wakes them all."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog

from .actor import Actor
from .errors import RateLimited, Unavailable
from .failures import as_problem
from .pool import Pool
from .words import say

LOOK, COME_BACK = 0.1, 10
HEADS = "SELECT tenant_id, sequence FROM sequencer_state WHERE tenant_id = ANY($1)"
log = structlog.get_logger("crm_api.streams")


class Streams:
    """However many wait for news, the database is asked ten times a second, in one statement, and
    not at all while nobody waits."""

    def __init__(self, pool: Pool, most: int = 1_000, of_key: int = 10) -> None:
        self.pool, self.most, self.of_key = pool, most, of_key
        self.closing = False
        self._of: Counter[UUID] = Counter()
        self._tenants: Counter[UUID] = Counter()
        self._heads: dict[UUID, int] = {}
        self._bells: dict[UUID, asyncio.Event] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def place(self, actor: Actor) -> Iterator[None]:
        """Raises RateLimited where the key has all that it may have, Unavailable where all are
        taken."""
        metrics = self.pool.watch.metrics
        if self._of[actor.id] >= self.of_key:
            metrics.refused("key_streams")
            raise RateLimited(
                say("A key may hold {most} streams open: close one.", most=self.of_key),
                "streams",
                seconds=COME_BACK,
            )
        if self.closing or self.open >= self.most:
            metrics.refused("streams")
            raise Unavailable(say("The server holds as many streams as it can: come back later."))
        held = ((self._of, actor.id), (self._tenants, actor.tenant.id))
        for counter, id in held:
            counter[id] += 1
        metrics.streams = self.open
        self._look()
        try:
            yield
        finally:
            for counter, id in held:
                counter[id] -= 1
                if not counter[id]:
                    del counter[id]
            metrics.streams = self.open

    @property
    def open(self) -> int:
        """How many there are."""
        return self._of.total()

    def head(self, tenant: UUID) -> int:
        """The last number of a tenant, as it was a moment ago; 0 where nobody has looked yet."""
        return self._heads.get(tenant, 0)

    async def news(self, tenant: UUID, known: int, seconds: float) -> None:
        """Waits until the last number is another one, the time is over, or all is to end."""
        if self.head(tenant) != known or self.closing:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._bells.setdefault(tenant, asyncio.Event()).wait()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """All end, and nobody looks any more."""
        self.closing = True
        self._ring(*self._bells)
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _look(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._go_on_looking())

    async def _go_on_looking(self) -> None:
        while self._tenants and not self.closing:
            try:
                await self._ask()
            except Exception as error:
                if as_problem(error) is None:
                    raise
                log.warning("database away", reason=type(error).__name__)
            await asyncio.sleep(LOOK)
        self._heads.clear()
        self._ring(*self._bells)

    async def _ask(self) -> None:
        async with self.pool.line() as line:
            rows: list[Any] = await line.driver.fetch(HEADS, list(self._tenants))
        found = {row["tenant_id"]: row["sequence"] for row in rows}
        new = [tenant for tenant, head in found.items() if head != self.head(tenant)]
        self._heads = found
        self._ring(*new)

    def _ring(self, *tenants: UUID) -> None:
        for tenant in tenants:
            if bell := self._bells.pop(tenant, None):
                bell.set()
