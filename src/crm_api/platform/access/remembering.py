from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")
SECONDS, MOST = 1.0, 10_000


class Remembered(Generic[T]):
    """What is asked about records of a tenant, for a second."""

    def __init__(self, ask: Callable[[UUID, UUID], Awaitable[T]]) -> None:
        self.ask = ask
        self._known: dict[tuple[UUID, UUID], tuple[T, float]] = {}

    async def of(self, tenant: UUID, id: UUID) -> T:
        known = self._known.get((tenant, id))
        if known and known[1] >= monotonic():
            return known[0]
        found = await self.ask(tenant, id)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[tenant, id] = found, monotonic() + SECONDS
        return found
