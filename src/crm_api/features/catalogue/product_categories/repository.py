from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from crm_api.kit import parents
from crm_api.kit.db import table_of
from crm_api.kit.naming import NamedRepository
from crm_api.kit.statement import TENANT

from .models import ProductCategory
from .resource import PRODUCT_CATEGORY
from .schemas import ProductCategoryRead

MOST_LEVELS = 8
CATEGORIES = table_of(ProductCategory)
LIVE_BELOW = (
    select(CATEGORIES.c.id)
    .where(
        CATEGORIES.c.tenant_id == TENANT,
        CATEGORIES.c.parent_id == bindparam("parent"),
        CATEGORIES.c.state == "live",
    )
    .limit(1)
)


class ProductCategoryRepository(NamedRepository[ProductCategory, ProductCategoryRead]):
    """Whoever changes the tree locks it first, and before any row."""

    model = ProductCategory
    noun = PRODUCT_CATEGORY
    read = ProductCategoryRead
    texts = ("code",)

    async def lock_tree(self) -> None:
        await parents.lock_tree(self.ctx, ProductCategory)

    async def check_parent(self, id: UUID, parent: UUID) -> None:
        """Raises UnknownReference, WrongParent."""
        await parents.check_parent(self.ctx, ProductCategory, id, parent, MOST_LEVELS)

    async def with_all_below(self, ids: Sequence[UUID]) -> list[UUID]:
        return await parents.with_all_below(self.ctx, ProductCategory, ids)

    async def has_live_below(self, id: UUID) -> bool:
        return bool(await self.ctx.work.rows(LIVE_BELOW, {"parent": id}))
