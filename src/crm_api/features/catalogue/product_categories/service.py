from collections.abc import Sequence
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from .errors import StillAbove
from .events import (
    ProductCategoryArchived,
    ProductCategoryCreated,
    ProductCategoryRestored,
    ProductCategoryUpdated,
)
from .models import ProductCategoryState
from .queries import ProductCategoryQuery
from .repository import ProductCategoryRepository
from .schemas import ProductCategoryCreate, ProductCategoryRead, ProductCategoryUpdate


class ProductCategoryService:
    """Where products belong."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.categories = ProductCategoryRepository(ctx)

    async def list(self, query: ProductCategoryQuery) -> Listing:
        return await self.categories.page(query, await self.meant(under=query.under))

    async def get(self, id: UUID) -> Document[ProductCategoryRead]:
        return await self.categories.get(id)

    async def create(self, data: ProductCategoryCreate) -> Written[ProductCategoryRead]:
        id = self.ctx.new_id()
        if data.parent_id:
            await self.categories.check_parent(id, data.parent_id)
        return self.categories.add(ProductCategoryCreated, id=id, **data.model_dump())

    async def update(self, id: UUID, data: ProductCategoryUpdate) -> Written[ProductCategoryRead]:
        sent = data.changes()
        if parent := sent.get("parent_id"):
            await self.categories.check_parent(id, parent)
        category = await self.categories.editable(id)
        return self.categories.rewrite(category, ProductCategoryUpdated, **sent)

    async def archive(self, id: UUID) -> Written[ProductCategoryRead]:
        """Raises StillAbove."""
        await self.categories.lock_tree()
        if await self.categories.has_live_below(id):
            raise StillAbove
        return await self.categories.move(
            id, ProductCategoryState.archived, ProductCategoryArchived
        )

    async def restore(self, id: UUID) -> Written[ProductCategoryRead]:
        """Raises WrongParent where the one above it is archived."""
        await self.categories.lock_tree()
        if parent := (await self.get(id)).value.parent_id:
            await self.categories.check_parent(id, parent)
        return await self.categories.move(id, ProductCategoryState.live, ProductCategoryRestored)

    async def meant(self, **under: Sequence[UUID]) -> dict[str, Sequence[UUID]]:
        """What a list is asked by that names categories with all that is below them."""
        return {
            name: await self.categories.with_all_below(ids) for name, ids in under.items() if ids
        }
