from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Computed, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, numbered, refers
from crm_api.kit.filters import Listed
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class ReceiptStatus(StrEnum):
    draft = "draft"
    confirmed = "confirmed"
    reversed = "reversed"


class PaymentMethod(StrEnum):
    bank = "bank"
    cash = "cash"
    wechat_pay = "wechat_pay"
    alipay = "alipay"
    card = "card"
    cheque = "cheque"
    acceptance_bill = "acceptance_bill"
    other = "other"


class ReceiptOrder(Base):
    """Finds receipts by the orders that they pay for; `Receipt.allocations` says it."""

    __tablename__ = "receipt_orders"
    __table_args__ = (
        refers("order_id", "orders"),
        refers("receipt_id", "receipts", ondelete="CASCADE"),
        Index(None, "tenant_id", "receipt_id"),
        {"info": {"pointer": "/allocations"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    receipt_id: Mapped[UUID] = mapped_column(primary_key=True)


PAYING = Listed(ReceiptOrder, "receipt_id", "order_id", ())
AMOUNT = Numeric(15, 3)
LEFT = Computed(
    "CASE WHEN status = 'reversed' OR reverses_id IS NOT NULL THEN 0 ELSE amount - allocated END",
    persisted=True,
)
CREDIT = Computed(
    "status = 'confirmed' AND reverses_id IS NULL AND allocated < amount", persisted=True
)


class Receipt(Entity):
    """Money that came in, and for what; a reversal is a row of its own, less than nothing."""

    __tablename__ = "receipts"
    sight: ClassVar[Sight | None] = ByColumns("receipts", "business_unit_id", ("handler_id",))
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("handler_id", "users"),
        refers("reverses_id", "receipts"),
        refers("reversed_by_id", "receipts"),
        CheckConstraint(
            "CASE WHEN reverses_id IS NULL THEN amount > 0 ELSE amount < 0 END",
            name="only_reversals_below_zero",
        ),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="of_a_currency"),
        CheckConstraint(
            "allocated BETWEEN 0 AND greatest(amount, 0)", name="allocated_at_most_all"
        ),
        CheckConstraint(
            "allocations_hold(allocations, allocated, currency)", name="allocations_make_allocated"
        ),
        CheckConstraint("reverses_id IS NULL OR status = 'confirmed'", name="reversals_stay"),
        CheckConstraint("(status = 'draft') = (confirmed_at IS NULL)", name="confirmed_some_time"),
        CheckConstraint(
            "num_nonnulls(reversed_by_id, reversed_at, reversal_reason) = "
            "CASE WHEN status = 'reversed' THEN 3 ELSE 0 END",
            name="reversed_by_another",
        ),
        CheckConstraint("status <> 'reversed' OR allocated = 0", name="reversed_pays_nothing"),
        CheckConstraint(
            "num_nonnulls(provider, provider_event_id) IN (0, 2)", name="event_of_a_provider"
        ),
    )

    number: Mapped[str]
    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    handler_id: Mapped[UUID | None]
    status: Mapped[ReceiptStatus]
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    currency: Mapped[str]
    allocations: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    allocated: Mapped[Decimal] = mapped_column(AMOUNT, server_default="0")
    unallocated: Mapped[Decimal] = mapped_column(AMOUNT, LEFT)
    has_credit: Mapped[bool] = mapped_column(Boolean, CREDIT)
    method: Mapped[PaymentMethod]
    received_at: Mapped[datetime]
    account: Mapped[str | None]
    payer: Mapped[str | None]
    reference: Mapped[str | None]
    provider: Mapped[str | None]
    provider_event_id: Mapped[str | None]
    note: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    reversed_at: Mapped[datetime | None]
    reversal_reason: Mapped[str | None]
    reverses_id: Mapped[UUID | None]
    reversed_by_id: Mapped[UUID | None]
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")


listed_by(
    Receipt,
    *(Receipt.customer_id, Receipt.business_unit_id, Receipt.handler_id, Receipt.status),
    *(Receipt.method, Receipt.reference, Receipt.has_credit),
)
for order in (Receipt.updated_at, Receipt.received_at):
    Index(None, Receipt.tenant_id, order, Receipt.id)
numbered(Receipt)
Index(
    "uq_receipts_provider_event",
    Receipt.tenant_id,
    Receipt.provider,
    Receipt.provider_event_id,
    unique=True,
)
Index("uq_receipts_reverses", Receipt.tenant_id, Receipt.reverses_id, unique=True)
