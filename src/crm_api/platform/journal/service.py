from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import first_at
from crm_api.kit.pages import Listing
from crm_api.kit.words import say

from .errors import EventExpired, NoSuchEvent
from .repository import EventRepository, Told
from .schemas import EventQuery, EventStreamQuery
from .sight import check_types, visible_types


class EventService:
    """Numbered events, as whoever asks may see them: his scopes, his masks, what is hidden.

    Whoever works for a caller later, such as a delivery, opens a context of that caller's actor:
    he sees what the caller would see now.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.days = ctx.house.feed_days
        self.oldest = first_at(ctx.house.clock.now() - timedelta(days=self.days))
        self.events = EventRepository(ctx, self.oldest)

    async def list(self, query: EventQuery) -> Listing:
        """Raises EventExpired, NoSuchEvent, NoSuchType, InvalidCursor."""
        check_types(query.type)
        last = self.events.last_of(query) or query.after
        begin = await (self.place(last) if last else self.events.beginning())
        types = visible_types(self.ctx.actor, query.type)
        return await self.events.following(query, begin, types)

    async def get(self, id: UUID) -> str:
        """The JSON of an event. Raises EventExpired, NotFound."""
        self._check_kept(id)
        found = await self.shown([id])
        if not found:
            raise NotFound(say("There is no such event."))
        return found[0].body

    async def place(self, id: UUID) -> int:
        """The number of an event. Raises EventExpired, NoSuchEvent."""
        self._check_kept(id)
        sequence = await self.events.number_of(id)
        if sequence is None:
            raise NoSuchEvent
        return sequence

    async def from_there(self, query: EventStreamQuery) -> int:
        """The number that a stream follows. Raises EventExpired, NoSuchEvent, NoSuchType."""
        check_types(query.type)
        return await (self.place(query.after) if query.after else self.newest())

    async def newest(self) -> int:
        """The last number that was given; 0 where there is none."""
        return await self.events.newest()

    async def shown(self, ids: Sequence[UUID]) -> Sequence[Told]:
        """Those of these events that the caller may see, in their order."""
        await self.ctx.learn()
        return await self.events.shown(ids, visible_types(self.ctx.actor))

    async def since(
        self, sequence: int, patterns: Collection[str] = (), limit: int = 200
    ) -> Sequence[Told]:
        """The next events after a number, oldest first; fewer than `limit` are all there are."""
        await self.ctx.learn()
        types = visible_types(self.ctx.actor, patterns)
        return await self.events.since(sequence, types, limit - 1)

    def _check_kept(self, id: UUID) -> None:
        """Ids tell when they were made."""
        if id < self.oldest:
            raise EventExpired(self.days)
