from collections.abc import Collection, Sequence
from uuid import UUID

from crm_api.features.catalogue.product_categories.resource import PRODUCT_CATEGORY
from crm_api.features.catalogue.product_categories.service import ProductCategoryService
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.audit.remembering import Remembering
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.external_ids.service import Sent

from . import events, rules
from .criteria import PRODUCTS
from .models import Product, ProductStatus
from .queries import ProductAggregate, ProductQuery, ProductSearch
from .repository import ProductRepository
from .resource import PRODUCT
from .rules import ProductForSale
from .schemas import ProductCreate, ProductRead, ProductUpdate

One = Document[ProductRead]
Changed = Written[ProductRead]
TURNS: dict[str, type[Event]] = {
    ProductStatus.active: events.ProductActivated,
    ProductStatus.discontinued: events.ProductDiscontinued,
}


class ProductService(Remembering[ProductRead, ProductQuery]):
    """What the group sells."""

    fields = PRODUCTS
    noun = PRODUCT

    def __init__(self, ctx: Context) -> None:
        self.products = ProductRepository(ctx)
        super().__init__(ctx, self.products)
        self.custom, self.categories = CustomValues(ctx, PRODUCT), ProductCategoryService(ctx)
        self.named = Held(ctx, PRODUCT_CATEGORY)

    async def list(self, query: ProductQuery) -> Listing:
        """By few products or many, so the plan is made for the categories that are asked by."""
        under = await self.categories.meant(under_category=query.under_category)
        return await self.products.page(query, under)

    async def aggregate(self, asked: ProductAggregate) -> bytes:
        return await self._figures(ProductSearch(), asked)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.products.by_external_id(system, value, expand)

    async def sellable(self, ids: Collection[UUID]) -> dict[UUID, ProductForSale]:
        """Those of these that are there, whatever their status, as they are until the commit: one
        statement. `schemas.check_sellable` tells callers which of them may not be sold."""
        return await self.products.held(ids)

    async def of_skus(self, skus: Collection[str]) -> dict[str, UUID]:
        """The products of these SKUs, of those that are there: one statement."""
        return await self.products.of_skus(skus)

    async def create(self, data: ProductCreate) -> Changed:
        return await self._add(data.changes())

    async def update(self, id: UUID, data: ProductUpdate) -> Changed:
        return await self.seen_again(await self.products.load(id), data.changes())

    async def activate(self, id: UUID) -> Changed:
        return await self._turn(id, ProductStatus.active)

    async def discontinue(self, id: UUID) -> Changed:
        return await self._turn(id, ProductStatus.discontinued)

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Product]:
        self.named = Held(self.ctx, PRODUCT_CATEGORY)
        await self.named.look_up(one["category_id"] for one in sent if one.get("category_id"))
        await self.custom.look_up(sent)
        return await self.products.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        rules.check_complete(sent)
        return await self._add(sent)

    async def seen_again(self, row: Product, sent: Sent) -> Changed:
        """As others see it; another status is one that its verbs lead to."""
        await self._check_category(sent, row.category_id)
        values = rules.columns(await self.custom.revised(row, sent), vars(row))
        status = values.get("status", row.status)
        if status == row.status:
            return self.products.rewrite(row, events.ProductUpdated, **values)
        PRODUCT.check_transition(row.status, status)
        return self.products.rewrite(row, TURNS[status], **values)

    async def _turn(self, id: UUID, status: ProductStatus) -> Changed:
        return await self.products.move(id, status, TURNS[status])

    async def _add(self, sent: Sent) -> Changed:
        await self._check_category(sent)
        sent = await self.custom.complete({**rules.NEW, **sent})
        return self.products.add_new(**rules.columns(sent, {}))

    async def _check_category(self, sent: Sent, before: UUID | None = None) -> None:
        """One that it is in already may be archived by now."""
        if sent.get("category_id") not in (None, before):
            await self.named.check({"/category_id": sent["category_id"]})
