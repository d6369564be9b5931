from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import listed_by, refers
from crm_api.kit.naming import Named


class ProductKind(StrEnum):
    goods = "goods"
    service = "service"
    subscription = "subscription"


class ProductStatus(StrEnum):
    draft = "draft"
    active = "active"
    discontinued = "discontinued"


class Product(Named):
    __tablename__ = "products"
    __table_args__ = (
        refers("category_id", "product_categories"),
        CheckConstraint(
            "num_nonnulls(unit_cost, unit_cost_currency) IN (0, 2)", name="cost_of_a_currency"
        ),
        CheckConstraint(
            "num_nonnulls(list_price, list_price_currency) IN (0, 2)", name="price_of_a_currency"
        ),
        CheckConstraint("unit_cost >= 0", name="no_negative_cost"),
        CheckConstraint("list_price >= 0", name="no_negative_price"),
    )

    sku: Mapped[str] = mapped_column(Text(collation="C"))
    description: Mapped[str | None]
    category_id: Mapped[UUID | None]
    kind: Mapped[ProductKind] = mapped_column(server_default="goods")
    unit: Mapped[str | None]
    tax_class: Mapped[str] = mapped_column(server_default="standard")
    tax_code: Mapped[str | None]
    unit_cost: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    unit_cost_currency: Mapped[str | None]
    list_price: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    list_price_currency: Mapped[str | None]
    status: Mapped[ProductStatus] = mapped_column(server_default="active")
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


listed_by(Product, Product.category_id, Product.kind, Product.status, Product.tax_class)
for order in (Product.updated_at, Product.sort_name):
    Index(None, Product.tenant_id, order, Product.id)
Index("ix_products_search_pieces", Product.search_pieces, postgresql_using="gin")
Index("uq_products_sku", Product.tenant_id, Product.sku, unique=True)
