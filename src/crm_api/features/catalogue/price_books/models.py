from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import listed_by, refers
from crm_api.kit.naming import Named


class PriceBookState(StrEnum):
    live = "live"
    archived = "archived"


class RuleBase(StrEnum):
    parent = "parent"
    list_price = "list_price"
    unit_cost = "unit_cost"


class RoundingMode(StrEnum):
    half_up = "half_up"
    up = "up"
    down = "down"


class PriceBook(Named):
    """Prices of one currency, and rules for what has no entry, in the order in which they fit."""

    __tablename__ = "price_books"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", "currency"),
        ForeignKeyConstraint(
            ["tenant_id", "parent_id", "currency"],
            ["price_books.tenant_id", "price_books.id", "price_books.currency"],
        ),
        refers("business_unit_id", "business_units"),
        refers("customer_id", "customers"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("valid_until_on > valid_from_on", name="begins_before_it_ends"),
        CheckConstraint("num_nonnulls(customer_id, grade) <= 1", name="customer_or_grade"),
        CheckConstraint(
            "NOT is_default OR num_nonnulls(customer_id, grade, business_unit_id) = 0",
            name="default_for_everybody",
        ),
    )

    code: Mapped[str]
    currency: Mapped[str]
    parent_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID | None]
    grade: Mapped[str | None]
    customer_id: Mapped[UUID | None]
    valid_from_on: Mapped[date | None]
    valid_until_on: Mapped[date | None]
    prices_include_tax: Mapped[bool] = mapped_column(server_default="false")
    is_default: Mapped[bool] = mapped_column(server_default="false")
    rules: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    state: Mapped[PriceBookState] = mapped_column(server_default="live")


listed_by(
    PriceBook,
    *(PriceBook.currency, PriceBook.parent_id, PriceBook.business_unit_id),
    *(PriceBook.grade, PriceBook.customer_id),
)
Index(None, PriceBook.tenant_id, PriceBook.sort_name, PriceBook.id)
Index("ix_price_books_search_pieces", PriceBook.search_pieces, postgresql_using="gin")
Index("uq_price_books_code", PriceBook.tenant_id, PriceBook.code, unique=True)
Index(
    "uq_price_books_default",
    PriceBook.tenant_id,
    PriceBook.currency,
    unique=True,
    postgresql_where=text("state = 'live' AND is_default"),
    info={"pointer": "/is_default"},
)
