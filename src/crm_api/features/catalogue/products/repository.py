from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, select

from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.looking import held_of
from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written
from crm_api.kit.ruled import check_change, check_new
from crm_api.kit.statement import TENANT
from crm_api.platform.custom_fields.repository import NOTHING, CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere

from .events import ProductCreated
from .models import Product
from .resource import PRODUCT
from .rules import ProductForSale
from .schemas import ProductRead

Columns = Mapping[str, Any]
PRODUCTS = table_of(Product)
OF_SKUS = select(PRODUCTS.c.sku, PRODUCTS.c.id).where(
    PRODUCTS.c.tenant_id == TENANT,
    PRODUCTS.c.sku == bindparam("skus", type_=ARRAY(Text())).any_(),
)
NAMES = tuple(field.name for field in fields(ProductForSale))[1:]


class ProductRepository(
    NamedRepository[Product, ProductRead], KnownElsewhere[Product, ProductRead]
):
    model = Product
    noun = PRODUCT
    read = ProductRead
    texts = ("sku",)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values = CustomValueRepository(ctx, PRODUCT.word)

    async def held(self, ids: Collection[UUID]) -> dict[UUID, ProductForSale]:
        """Those that are there, as they are until the commit."""
        found = await held_of(self.ctx, Product, ids, *NAMES)
        return {row.id: ProductForSale(**row._mapping) for row in found}

    async def of_skus(self, skus: Collection[str]) -> dict[str, UUID]:
        """Those that are there."""
        found = await self.ctx.work.rows(OF_SKUS, {"skus": list(skus)})
        return {row.sku: row.id for row in found}

    def add_new(self, **values: Any) -> Written[ProductRead]:
        check_new(self.ctx.actor, self.read, values)
        id = self.ctx.new_id()
        self._follow(id, {}, values)
        return self.add(ProductCreated, id=id, **values)

    def rewrite(self, row: Product, event: type[Event], **values: Any) -> Written[ProductRead]:
        check_change(self.ctx.actor, self.read, row, values)
        self._follow(row.id, vars(row), vars(row) | values)
        return super().rewrite(row, event, **values)

    def _follow(self, id: UUID, before: Columns, after: Columns) -> None:
        """The rows by which a product is found follow its columns."""
        self.rename(id, before, after)
        held = ((row["custom"], True) if row else NOTHING for row in (before, after))
        self.values.move(id, *held)
