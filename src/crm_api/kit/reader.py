"""Reads of one table: documents, narrowed to one tenant, to a view, and to what may be seen."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Generic, TypeVar
from uuid import UUID

from . import cursor
from .columns import hides
from .context import Context
from .errors import Forbidden, NotFound
from .expanding import expansion
from .paging import after, page
from .projection import Document, many, one
from .query import Listing, ListQuery
from .schema import Read
from .statement import Statement
from .words import say

R = TypeVar("R", bound=Read)
Expand = Sequence[str]
NO_MORE = b'false,"next_cursor":null'


class Reader(Generic[R]):
    """Reads are documents, from one statement; `expand` adds a second one."""

    read: type[R]

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def get(self, id: UUID, expand: Expand = ()) -> Document[R]:
        return await self.get_by(one(self.read), expand, id=id)

    async def get_by(self, statement: Statement, expand: Expand = (), **values: Any) -> Document[R]:
        """The record that a statement made by `one_of` finds."""
        found = await self._fetch(statement, values)
        if found is None:
            raise self._unknown()
        body, version = found[0], int(found[1])
        if expand:
            body = await self._expanded(self.read, body, expand)
        return Document(self.read, version, body, self._variant(body, expand))

    async def get_many(self, ids: Sequence[UUID], expand: Expand = ()) -> tuple[str, list[UUID]]:
        """The documents, in the order of their ids, and the ids that are not there."""
        items, lost = await self._fetch(many(self.read), {"ids": list(ids)})
        found = await self._expanded(self.read, items, expand) if items and expand else items
        return found or "", [UUID(id) for id in (lost or "").split(",") if id]

    async def page(self, query: ListQuery) -> Listing:
        self._check_clear(query)
        read = query.read_as(self.read)
        expand, later = query.expansions(read), query.cursor is not None
        secret, question = self.ctx.house.secret, f"{self.ctx.tenant.id}{query.question()}"
        values, sort = query.arguments(self.ctx.tenant.id), query.sort_keys()
        statement = page(read, type(query), query.asked(), sort, later)
        if query.cursor is not None:
            values |= after(cursor.read(secret, question, query.cursor))
        items, count, *last = await self._fetch(statement, {"limit": query.limit, **values})
        if items and expand:
            items = (await self._expanded(read, items.decode(), expand)).encode()
        following = None
        if int(count) > query.limit:
            following = cursor.write(secret, question, [key.decode() for key in last])
        return _listing(items or b"", following)

    async def _fetch(self, statement: Statement, values: dict[str, Any]) -> Any:
        masked = self.ctx.actor.masked
        return await self.ctx.work.fetch(statement, {"masked": masked, **values})

    async def _expanded(self, read: type[Read], items: str, expand: Expand) -> str:
        statement = expansion(read, tuple(dict.fromkeys(expand)))
        expanded: str = await self._fetch(statement, {"items": f"[{items}]"})
        return expanded

    def _variant(self, body: str, expand: Expand) -> str:
        """An expanded answer also changes with the records in it, so its bytes tell it."""
        masked = "masked" if self.ctx.actor.masked and hides(self.read) else ""
        return blake2b(body.encode(), digest_size=8).hexdigest() if expand else masked

    def _check_clear(self, query: ListQuery) -> None:
        """Whoever may not see a value may not find out about it by asking for it either."""
        asked = sorted(query.reveals & query.used().keys()) if self.ctx.actor.masked else ()
        if asked:
            raise Forbidden(
                say(
                    "This key sees masked data, so it cannot ask by {filters}.",
                    filters=", ".join(asked),
                )
            )

    def _unknown(self) -> NotFound:
        return NotFound(say("There is no such record."))


def _listing(items: bytes, following: str | None) -> Listing:
    more = b'true,"next_cursor":"%b"' % following.encode() if following else NO_MORE
    return Listing(b'{"data":[%b],"has_more":%b}' % (items, more), following)
