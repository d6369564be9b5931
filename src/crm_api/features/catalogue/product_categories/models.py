from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import listed_by, refers
from crm_api.kit.naming import Named


class ProductCategoryState(StrEnum):
    live = "live"
    archived = "archived"


class ProductCategory(Named):
    __tablename__ = "product_categories"
    __table_args__ = (
        refers("parent_id", "product_categories"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )

    code: Mapped[str] = mapped_column(Text(collation="C"))
    parent_id: Mapped[UUID | None]
    state: Mapped[ProductCategoryState] = mapped_column(server_default="live")


listed_by(ProductCategory, ProductCategory.parent_id)
Index(None, ProductCategory.tenant_id, ProductCategory.sort_name, ProductCategory.id)
Index("ix_product_categories_search_pieces", ProductCategory.search_pieces, postgresql_using="gin")
Index("uq_product_categories_code", ProductCategory.tenant_id, ProductCategory.code, unique=True)
