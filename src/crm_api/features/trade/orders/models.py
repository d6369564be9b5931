from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.trade.terms.schemas import OrderStatus, Pricing
from crm_api.kit.db import Base, Entity, listed_by, numbered, refers
from crm_api.kit.filters import Listed
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class OrderProduct(Base):
    """Finds orders by what is ordered; `Order.lines` says it."""

    __tablename__ = "order_products"
    __table_args__ = (
        refers("product_id", "products"),
        refers("order_id", "orders", ondelete="CASCADE"),
        Index(None, "tenant_id", "order_id"),
        {"info": {"pointer": "/lines"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)


CONTAINING = Listed(OrderProduct, "order_id", "product_id", ())
AMOUNT, QUANTITY = Numeric(15, 3), Numeric(18, 3)


def _compared(part: str) -> Computed:
    """How far an amount has come to the total: no caller and no feature sets it."""
    return Computed(
        f"CASE WHEN status = 'draft' THEN 'none' WHEN {part} > total THEN 'over' "
        f"WHEN {part} = total THEN 'full' WHEN {part} > 0 THEN 'partial' ELSE 'none' END",
        persisted=True,
    )


SHIPPED = Computed(
    "CASE WHEN returned_quantity > 0 AND returned_quantity >= CASE WHEN shipped_quantity > 0 "
    "THEN shipped_quantity ELSE goods_quantity END THEN 'returned' "
    "WHEN shipped_quantity <= 0 THEN 'none' "
    "WHEN shipped_quantity >= goods_quantity THEN 'full' ELSE 'partial' END",
    persisted=True,
)


class Order(Entity):
    """Its lines live in this row; the axes follow from its figures, and the database says them."""

    __tablename__ = "orders"
    sight: ClassVar[Sight | None] = ByColumns("orders", "business_unit_id", ("owner_id",))
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("owner_id", "users"),
        refers("deal_id", "deals"),
        CheckConstraint("total = net + tax AND total >= 0", name="net_and_tax_make_total"),
        CheckConstraint("paid >= 0 AND invoiced >= 0", name="no_negative_payment"),
        CheckConstraint("revision >= 1", name="revisions_from_one"),
        CheckConstraint(
            "shipped_quantity BETWEEN 0 AND goods_quantity", name="shipped_at_most_ordered"
        ),
        CheckConstraint(
            "returned_quantity BETWEEN 0 AND goods_quantity", name="returned_at_most_ordered"
        ),
        CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_some_time"
        ),
        CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)", name="completed_some_time"
        ),
        CheckConstraint(
            "num_nonnulls(base_total, base_currency, exchange_rate) IN (0, 3)",
            name="base_by_a_rate",
        ),
    )

    number: Mapped[str]
    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    deal_id: Mapped[UUID | None]
    status: Mapped[OrderStatus]
    revision: Mapped[int] = mapped_column(server_default="1")
    pricing: Mapped[Pricing]
    prices_include_tax: Mapped[bool]
    tax_region: Mapped[str | None]
    currency: Mapped[str]
    lines: Mapped[list[dict[str, Any]]]
    taxes: Mapped[list[dict[str, Any]]]
    discount_percent: Mapped[str]
    discount_amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    subtotal: Mapped[Decimal] = mapped_column(AMOUNT)
    discount: Mapped[Decimal] = mapped_column(AMOUNT)
    net: Mapped[Decimal] = mapped_column(AMOUNT)
    tax: Mapped[Decimal] = mapped_column(AMOUNT)
    total: Mapped[Decimal] = mapped_column(AMOUNT)
    base_total: Mapped[Decimal | None] = mapped_column(AMOUNT)
    base_currency: Mapped[str | None]
    exchange_rate: Mapped[Decimal | None] = mapped_column(Numeric(22, 10))
    paid: Mapped[Decimal] = mapped_column(AMOUNT, server_default="0")
    invoiced: Mapped[Decimal] = mapped_column(AMOUNT, server_default="0")
    goods_quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    shipped_quantity: Mapped[Decimal] = mapped_column(QUANTITY, server_default="0")
    returned_quantity: Mapped[Decimal] = mapped_column(QUANTITY, server_default="0")
    shipment_status: Mapped[str] = mapped_column(Text, SHIPPED)
    payment_status: Mapped[str] = mapped_column(Text, _compared("paid"))
    invoice_status: Mapped[str] = mapped_column(Text, _compared("invoiced"))
    ordered_at: Mapped[datetime]
    requested_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]
    source: Mapped[str | None]
    customer_reference: Mapped[str | None]
    note: Mapped[str | None]
    shipping_address: Mapped[dict[str, Any] | None]
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    source_versions: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    value_order: Mapped[int] = mapped_column(
        BigInteger, Computed("(coalesce(base_total, 0) * 1000)::bigint", persisted=True)
    )


listed_by(
    Order,
    *(Order.customer_id, Order.business_unit_id, Order.owner_id, Order.deal_id, Order.status),
    *(Order.shipment_status, Order.payment_status, Order.invoice_status, Order.source),
    Order.customer_reference,
)
for order in (Order.updated_at, Order.ordered_at, Order.value_order):
    Index(None, Order.tenant_id, order, Order.id)
Index(
    "ix_orders_of_customer",
    Order.tenant_id,
    Order.customer_id,
    Order.ordered_at,
    Order.id,
)
numbered(Order)
