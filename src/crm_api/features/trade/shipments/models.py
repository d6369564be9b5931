from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.trade.fulfilment.resource import of_orders
from crm_api.kit.db import Entity, listed_by, numbered, refers
from crm_api.kit.sight import Sight


class ShipmentState(StrEnum):
    draft = "draft"
    ready = "ready"
    shipped = "shipped"
    delivered = "delivered"
    accepted = "accepted"
    refused = "refused"
    failed = "failed"
    cancelled = "cancelled"


class Shipment(Entity):
    """Its lines and what its carrier tells live in this row; its unit is that of its order."""

    __tablename__ = "shipments"
    sight: ClassVar[Sight | None] = of_orders("shipments")
    __table_args__ = (
        refers("order_id", "orders"),
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        CheckConstraint("jsonb_array_length(lines) BETWEEN 1 AND 500", name="some_goods"),
        CheckConstraint(
            "shipped_at IS NOT NULL OR status IN ('draft', 'ready', 'failed', 'cancelled')",
            name="shipped_some_time",
        ),
        *(
            CheckConstraint(f"(status = '{end}') = ({end}_at IS NOT NULL)", name=f"{end}_some_time")
            for end in ("accepted", "refused", "cancelled")
        ),
    )

    number: Mapped[str]
    order_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    status: Mapped[ShipmentState]
    lines: Mapped[list[dict[str, Any]]]
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    tracking_url: Mapped[str | None]
    tracking_events: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    shipping_address: Mapped[dict[str, Any] | None]
    planned_on: Mapped[date | None]
    note: Mapped[str | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    accepted_on: Mapped[date | None]
    acceptance_note: Mapped[str | None]
    refused_at: Mapped[datetime | None]
    refusal_reason: Mapped[str | None]
    failed_at: Mapped[datetime | None]
    failure_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")


listed_by(
    Shipment,
    *(Shipment.order_id, Shipment.customer_id, Shipment.business_unit_id, Shipment.status),
    *(Shipment.carrier, Shipment.tracking_number),
)
for order in (Shipment.updated_at, Shipment.shipped_at):
    Index(None, Shipment.tenant_id, order, Shipment.id)
numbered(Shipment)
