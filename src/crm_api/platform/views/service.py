from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.covering import EVERYTHING
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.searches import check_search
from crm_api.platform.custom_fields.criteria import with_custom
from crm_api.platform.filter_fields.service import collection

from .errors import NotTheOwner
from .events import ViewCreated, ViewDeleted, ViewUpdated
from .models import View
from .repository import ViewRepository
from .schemas import ViewCreate, ViewQuery, ViewRead, ViewUpdate


class ViewService:
    """Saved searches: one's own, and those that others share."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.views = ViewRepository(ctx)

    async def list(self, query: ViewQuery) -> Listing:
        return await self.views.page(query)

    async def get(self, id: UUID) -> Document[ViewRead]:
        return await self.views.get(id)

    async def create(self, data: ViewCreate) -> Written[ViewRead]:
        await self._check(data.resource, data.search)
        owner = self.ctx.actor.id
        return self.views.add(
            ViewCreated, id=self.ctx.new_id(), owner_id=owner, **data.model_dump()
        )

    async def update(self, id: UUID, data: ViewUpdate) -> Written[ViewRead]:
        view, sent = await self._owned(id), data.changes()
        if "search" in sent:
            await self._check(view.resource, sent["search"])
        return self.views.change(view, ViewUpdated, **sent)

    async def delete(self, id: UUID) -> None:
        self.views.remove(await self._owned(id), ViewDeleted)

    async def _owned(self, id: UUID) -> View:
        """Raises NotTheOwner."""
        view, actor = await self.views.load(id), self.ctx.actor
        if view.owner_id != actor.id and EVERYTHING not in actor.scopes:
            raise NotTheOwner
        return view

    async def _check(self, resource: str, search: dict[str, Any]) -> None:
        """Raises Invalid, Forbidden."""
        known = collection(self.ctx, resource, "/resource")
        check_search(self.ctx, await with_custom(self.ctx, known), resource, search)
