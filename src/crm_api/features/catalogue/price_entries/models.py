from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers
from crm_api.kit.periods import one_at_a_time


class PriceEntry(Entity):
    """A price of a product, from a quantity on; `currency` is that of its book."""

    __tablename__ = "price_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "price_book_id", "currency"],
            ["price_books.tenant_id", "price_books.id", "price_books.currency"],
        ),
        refers("product_id", "products"),
        CheckConstraint("min_quantity >= 0", name="no_negative_quantity"),
        CheckConstraint("unit_price >= 0", name="no_negative_price"),
        CheckConstraint("valid_until_on > valid_from_on", name="begins_before_it_ends"),
        one_at_a_time("price_entries", "price_book_id", "product_id", "min_quantity"),
    )

    price_book_id: Mapped[UUID]
    product_id: Mapped[UUID]
    min_quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3), server_default="0")
    unit_price: Mapped[Decimal] = mapped_column(Numeric(20, 6))
    currency: Mapped[str]
    valid_from_on: Mapped[date | None]
    valid_until_on: Mapped[date | None]


listed_by(PriceEntry, PriceEntry.price_book_id, PriceEntry.product_id)
Index(
    "ix_price_entries_found",
    PriceEntry.tenant_id,
    PriceEntry.price_book_id,
    PriceEntry.product_id,
    PriceEntry.min_quantity,
)
