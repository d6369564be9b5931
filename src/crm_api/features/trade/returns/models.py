from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.trade.fulfilment.resource import of_orders
from crm_api.kit.db import Entity, listed_by, numbered, refers
from crm_api.kit.sight import Sight


class ReturnState(StrEnum):
    requested = "requested"
    approved = "approved"
    rejected = "rejected"
    partially_received = "partially_received"
    received = "received"
    closed = "closed"


AMOUNT = Numeric(15, 3)


class Return(Entity):
    """Its lines live in this row, each with what it bears of its line of the order."""

    __tablename__ = "returns"
    sight: ClassVar[Sight | None] = of_orders("returns")
    __table_args__ = (
        refers("order_id", "orders"),
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        CheckConstraint("jsonb_array_length(lines) BETWEEN 1 AND 500", name="some_goods"),
        CheckConstraint("received_total = received_net + received_tax", name="makes_total"),
        CheckConstraint(
            "(status IN ('partially_received', 'received', 'closed')) = (received_at IS NOT NULL)",
            name="received_some_time",
        ),
        *(
            CheckConstraint(f"(status = '{end}') = ({end}_at IS NOT NULL)", name=f"{end}_some_time")
            for end in ("rejected", "closed")
        ),
    )

    number: Mapped[str]
    order_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    status: Mapped[ReturnState]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    currency: Mapped[str]
    lines: Mapped[list[dict[str, Any]]]
    received_net: Mapped[Decimal] = mapped_column(AMOUNT)
    received_tax: Mapped[Decimal] = mapped_column(AMOUNT)
    received_total: Mapped[Decimal] = mapped_column(AMOUNT)
    approved_at: Mapped[datetime | None]
    rejected_at: Mapped[datetime | None]
    rejection_reason: Mapped[str | None]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


listed_by(Return, Return.order_id, Return.customer_id, Return.business_unit_id, Return.status)
Index(None, Return.tenant_id, Return.updated_at, Return.id)
numbered(Return)
