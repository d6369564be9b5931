from datetime import datetime
from typing import TypeVar
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import Forbidden, Gone, NotFound
from crm_api.kit.looking import seen_of
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document
from crm_api.kit.resource import Resource
from crm_api.kit.schema import Read
from crm_api.kit.sight import seen_by
from crm_api.kit.words import say

from .repository import AuditRepository
from .schemas import AuditQuery, AuditRecordRead, HistoryQuery

R = TypeVar("R", bound=Read)


class AuditService:
    """What happened, to whichever record, and what the records were."""

    def __init__(self, ctx: Context) -> None:
        if ctx.actor.masked:
            raise Forbidden(say("The history shows what a masked key does not see."))
        self.ctx = ctx
        self.records = AuditRepository(ctx)

    async def list(self, query: AuditQuery) -> Listing:
        self._check_whole()
        return await self.records.page(query)

    async def get(self, id: UUID) -> Document[AuditRecordRead]:
        self._check_whole()
        return await self.records.get(id)

    async def of(self, resource: Resource, id: UUID, query: HistoryQuery) -> Listing:
        """The audit records of one record; none of what is there from the beginning.

        Raises NotFound where there never was such a record.
        """
        await self._check_seen(resource, id)
        known = await self.records.knows(resource.word, id)
        if not known and not await seen_of(self.ctx, resource.model, [id]):
            raise NotFound
        asked = AuditQuery(object_id=resource.prefix.write(id), **query.model_dump())
        return await self.records.page(asked)

    async def as_of(self, resource: Resource, read: type[R], id: UUID, at: datetime) -> Document[R]:
        """A record as it was. Raises NotFound where it was not there yet, Gone after erasure."""
        await self._check_seen(resource, id)
        found = await self.records.past(resource.word, id, at)
        if found is None:
            raise NotFound(say("There was no such record at that time."))
        version, document = found
        if document is None:
            raise Gone(say("What this record was at that time has been erased for good."))
        return Document(read, version, document, "as-of")

    async def _check_seen(self, resource: Resource, id: UUID) -> None:
        """Who does not see all records is told what became of those that he sees; of what all see
        also what has been deleted. Raises NotFound, and Forbidden where his roles hide some of what
        the records are."""
        self._check_whole(resource.collection)
        narrowed = seen_by(self.ctx.actor, resource.model) is not None
        if narrowed and not await seen_of(self.ctx, resource.model, [id]):
            raise NotFound

    def _check_whole(self, collection: str = "") -> None:
        """Raises Forbidden."""
        if any(collection in ("", name.partition(".")[0]) for name in self.ctx.actor.masks):
            raise Forbidden(say("The history shows what your roles hide from you."))
