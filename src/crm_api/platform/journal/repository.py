from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.kit import cursor
from crm_api.kit.context import Context
from crm_api.kit.ids import first_at, time_of
from crm_api.kit.pages import COUNTED, Listing, listing
from crm_api.kit.reader import Reader
from crm_api.kit.statement import Statement

from . import feed
from .schemas import EventQuery, EventRead

Types = list[str] | None
SLOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Told:
    """A numbered event; `body` is its JSON, as somebody may see it."""

    id: UUID
    type: str
    sequence: int
    body: str


class EventRepository(Reader[EventRead]):
    """Numbered events, as the actor of the context may see them; of `types`, where some are named.

    What is older than the id `oldest` is not looked at.
    """

    read = EventRead

    def __init__(self, ctx: Context, oldest: UUID) -> None:
        super().__init__(ctx)
        self.oldest = oldest

    def last_of(self, query: EventQuery) -> UUID | None:
        """The last event of the page before. Raises InvalidCursor."""
        if query.cursor is None:
            return None
        (id,) = cursor.read(self.ctx.house.secret, self._question(query), query.cursor)
        return UUID(id)

    async def number_of(self, id: UUID) -> int | None:
        found: int | None = await self._fetch(feed.NUMBER, {"id": id})
        return found

    async def beginning(self) -> int:
        """A number that all events of the feed follow: nobody writes for as long as `SLOW`."""
        before = first_at(time_of(self.oldest) - SLOW)
        return int(await self._fetch(feed.BEFORE, {"before": before}) or 0)

    async def following(self, query: EventQuery, begin: int, types: Types) -> Listing:
        of_one = query.object_id is not None
        values = {"after": begin, "types": types, **_meant(query.object_id)}
        page = feed.page(types is None, of_one, self.seen, self.masks)
        items, count, last = await self._fetch(page, {"limit": query.limit, **values})
        more = None
        if int(count) > query.limit:
            more = cursor.write(self.ctx.house.secret, self._question(query), [last.decode()])
        found = listing(items or b"", more)
        if not query.include:
            return found
        counted = await self._fetch(
            feed.count(types is None, of_one, self.seen), {"limit": COUNTED, **values}
        )
        return found.with_total(counted)

    async def newest(self) -> int:
        """The last number that was given; 0 where there is none."""
        return int(await self.ctx.work.fetch(feed.NEWEST, {}) or 0)

    async def shown(self, ids: Sequence[UUID], types: Types) -> Sequence[Told]:
        """Those of these that are there, in their order in time."""
        asked = feed.by_ids(types is None, self.seen, self.masks)
        return await self._told(asked, ids=list(ids), types=types)

    async def since(self, sequence: int, types: Types, limit: int) -> Sequence[Told]:
        """Those that follow a number, one more than `limit` at most."""
        following = feed.since(types is None, self.seen, self.masks)
        return await self._told(following, after=sequence, types=types, limit=limit)

    async def _told(self, statement: Statement, **values: Any) -> Sequence[Told]:
        found = await self._fetch(statement, values)
        return [Told(UUID(id), type, int(number), body) for id, type, number, body in found or ()]

    async def _fetch(self, statement: Statement, values: dict[str, Any]) -> Any:
        return await super()._fetch(statement, {"oldest": self.oldest, **values})

    def _question(self, query: EventQuery) -> str:
        return f"{self.ctx.tenant.id}{query.question()}"


def _meant(object_id: str | None) -> Mapping[str, Any]:
    return feed.BY_OBJECT.values("object_id", object_id, feed.NIL) if object_id else {}
