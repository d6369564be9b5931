"""Reads of one table: documents, narrowed to one tenant, to a view, and to what may be seen."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement

from . import cursor
from .aggregate import figures, told
from .asking import Asker
from .columns import personal
from .context import Context
from .criteria import Criterion
from .errors import NotFound
from .expanding import beside, expansion, seen_beside
from .eyes import told_apart
from .figures import Aggregate
from .hiding import hidden_in
from .pages import Listing, listing
from .paging import after, page, total
from .projection import ID, Document, many, one_of
from .query import NOTHING, ListQuery, Meant
from .reckoning import understood
from .rights import check_clear
from .ruled import Masks, tag
from .schema import Read
from .sight import bound, narrowed, seen_by
from .statement import Statement
from .valued import page_by_value

R = TypeVar("R", bound=Read)
Expand = Sequence[str]


class Reader(Generic[R]):
    """Reads are documents, from one statement; `expand` adds a second one. Of what is
    `told_by_bytes` they change without a new version."""

    read: type[R]
    told_by_bytes: ClassVar[bool] = False

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.seen = seen_by(ctx.actor, self.read.table)

    @property
    def masks(self) -> Masks:
        return self.ctx.actor.masks

    async def get(self, id: UUID, expand: Expand = ()) -> Document[R]:
        return await self.get_by(ID, expand, id=id)

    async def get_by(
        self, which: ColumnElement[Any], expand: Expand = (), **values: Any
    ) -> Document[R]:
        """The record whose id SQL says, which is made once; `values` are its parameters."""
        found = await self._fetch(one_of(self.read, which, self.seen, self.masks), values)
        if found is None:
            raise NotFound
        body, version = found[0], int(found[1])
        if expand:
            body = await self._expanded(self.read, body, expand)
        return Document(self.read, version, body, self._variant(body, expand))

    async def get_many(self, ids: Sequence[UUID], expand: Expand = ()) -> tuple[str, list[UUID]]:
        """The documents, in the order of their ids, and the ids that are not there."""
        items, lost = await self._fetch(many(self.read, self.seen, self.masks), {"ids": list(ids)})
        found = await self._expanded(self.read, items, expand) if items and expand else items
        return found or "", [UUID(id) for id in (lost or "").split(",") if id]

    async def page(
        self, query: ListQuery, meant: Meant = NOTHING, by: Criterion | None = None
    ) -> Listing:
        """`meant` are filters that were understood already, `by` is a field to sort by: then the
        plan is made to measure.
        """
        check_clear(self.ctx.actor, self.read, query.used(), query.reveals)
        if meant or by:
            await self.ctx.work.measure()
        meant = narrowed(meant, self.seen)
        found = await self._page(query, meant, by)
        return found.with_total(await self._total(query, meant)) if query.include else found

    async def _total(self, query: ListQuery, meant: Meant) -> int:
        statement = total(self.read, type(query), query.asked(meant))
        counted: int = await self._fetch(statement, query.arguments(self.ctx.tenant.id, meant))
        return counted

    async def figures(self, query: ListQuery, sent: Aggregate, asker: Asker) -> bytes:
        """Raises Invalid, Forbidden."""
        meant = narrowed(asker.meant(filter=sent.filter), self.seen)
        asked = understood(asker, sent)
        await self.ctx.work.measure()
        statement = figures(self.read, type(query), query.asked(meant), asked)
        values = query.arguments(self.ctx.tenant.id, meant) | asked.bound()
        zone = sent.time_zone or self.ctx.tenant.time_zone
        found = await self._fetch(statement, {"limit": sent.limit, "zone": zone, **values})
        return told(sent, found)

    async def _page(self, query: ListQuery, meant: Meant, by: Criterion | None) -> Listing:
        read = query.read_as(self.read)
        expand, later = query.expansions(read), query.cursor is not None
        secret, question = self.ctx.house.secret, f"{self.ctx.tenant.id}{query.question()}"
        values, used = query.arguments(self.ctx.tenant.id, meant), query.asked(meant)
        if by:
            values |= by.located("sort")
            turns = query.descends, later
            statement = page_by_value(read, type(query), used, by, turns, self.masks)
        else:
            statement = page(read, type(query), used, query.sort_keys(), later, self.masks)
        if query.cursor is not None:
            values |= after(cursor.read(secret, question, query.cursor))
        items, count, *last = await self._fetch(statement, {"limit": query.limit, **values})
        if items and expand:
            items = (await self._expanded(read, items.decode(), expand)).encode()
        following = None
        if int(count) > query.limit:
            following = cursor.write(secret, question, [key.decode() for key in last])
        return listing(items or b"", following)

    async def _fetch(self, statement: Statement, values: dict[str, Any]) -> Any:
        told = {"masked": self.ctx.actor.masked, **bound(self.seen)}
        return await self.ctx.work.fetch(statement, {**told, **values})

    async def _expanded(self, read: type[Read], items: str, expand: Expand) -> str:
        names = beside(self.ctx, read, expand)
        sights = seen_beside(self.ctx, read, names)
        told = bound(*(seen for _, seen in sights))
        statement = expansion(read, names, sights, self.masks)
        expanded: str = await self._fetch(statement, {"items": f"[{items}]", **told})
        return expanded

    def _variant(self, body: str, expand: Expand) -> str:
        """An answer that changes with other records, or with who sees them, is told by its bytes;
        any answer changes with what is hidden in it."""
        apart = told_apart(self.read) and self.ctx.actor.reach.is_limited
        if expand or apart or self.told_by_bytes:
            return digest(body)
        masked = ["masked"] if self.ctx.actor.masked and personal(self.read) else []
        told = self.ctx.work.hidden
        keys = [key for name in hidden_in(self.read) for key in told.get(name, ())]
        gone = [digest(" ".join(sorted(keys)))] if keys else []
        return "-".join(filter(None, (*masked, tag(self.masks), *gone)))


def digest(text: str) -> str:
    """Tells answers apart, in their ETags."""
    return blake2b(text.encode(), digest_size=8).hexdigest()
