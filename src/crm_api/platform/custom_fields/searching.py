"""Searches and figures of any noun, by its own fields and by those of the tenant."""

from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from crm_api.kit.asking import Asker, asker
from crm_api.kit.catalogue import Catalogue
from crm_api.kit.context import Context
from crm_api.kit.figures import Aggregate
from crm_api.kit.filtering import order
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document
from crm_api.kit.query import ListQuery
from crm_api.kit.reader import Expand, R, Reader

from .criteria import with_custom

Q = TypeVar("Q", bound=ListQuery)


class Searching(Generic[R, Q]):
    """A service that answers questions about its `records`; `fields` may be asked about."""

    fields: ClassVar[Catalogue]

    def __init__(self, ctx: Context, records: Reader[R]) -> None:
        self.ctx, self.records = ctx, records

    async def list(self, query: Q) -> Listing:
        return await self.records.page(query)

    async def search(self, query: ListQuery) -> Listing:
        """By the `filter` of a `kit.filtering.Search`."""
        asker = await self._asker()
        meant = asker.meant(filter=getattr(query, "filter", None))
        return await self.records.page(query, meant, order(asker, query))

    async def get(self, id: UUID, expand: Expand = ()) -> Document[R]:
        return await self.records.get(id, expand)

    async def _figures(self, of: ListQuery, asked: Aggregate) -> bytes:
        return await self.records.figures(of, asked, await self._asker())

    async def _asker(self) -> Asker:
        return asker(self.ctx, await with_custom(self.ctx, self.fields))
