from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_api.kit.context import Context

from .repository import EventRepository, Told
from .sight import visible_types


class EventService:
    """Numbered events, as whoever asks may see them: his scopes, his masks, what is hidden.

    Whoever works for a caller later, such as a delivery, opens a context of that caller's actor:
    he sees what the caller would see now.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.events = EventRepository(ctx)

    async def newest(self) -> int:
        """The last number that was given; 0 where there is none."""
        return await self.events.newest()

    async def shown(self, ids: Sequence[UUID]) -> Sequence[Told]:
        """Those of these events that the caller may see, in their order."""
        await self.ctx.learn()
        return await self.events.shown(ids, visible_types(self.ctx.actor))

    async def since(
        self, sequence: int, patterns: Iterable[str] = (), limit: int = 200
    ) -> Sequence[Told]:
        """The next events after a number, oldest first; fewer than `limit` are all there are."""
        await self.ctx.learn()
        types = visible_types(self.ctx.actor, patterns)
        return await self.events.since(sequence, types, limit - 1)
