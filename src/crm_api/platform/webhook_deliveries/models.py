from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers


class DeliveryState(StrEnum):
    """Those that are being sent are `pending` or `retrying` in the table: a lease tells it."""

    pending = "pending"
    retrying = "retrying"
    delivered = "delivered"
    dead = "dead"
    blocked = "blocked"
    paused = "paused"
    cancelled = "cancelled"


class StateShown(StrEnum):
    """`DeliveryState`, or that it is being sent."""

    pending = "pending"
    sending = "sending"
    retrying = "retrying"
    delivered = "delivered"
    dead = "dead"
    blocked = "blocked"
    paused = "paused"
    cancelled = "cancelled"


class WebhookDelivery(Entity):
    """One event on its way to one endpoint.

    `body` is what is sent, rendered once for what the endpoint might see then: `seen`. `tries` is
    how far its schedule is, `attempt_count` all that there were; `next_at` is a time of the tenant.
    """

    __tablename__ = "webhook_deliveries"

    endpoint_id: Mapped[UUID]
    event_id: Mapped[UUID]
    event_type: Mapped[str]
    state: Mapped[DeliveryState]
    body: Mapped[str]
    seen: Mapped[dict[str, Any]]
    rendered_again: Mapped[int] = mapped_column(server_default="0")
    tries: Mapped[int] = mapped_column(server_default="0")
    attempt_count: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    status_code: Mapped[int | None]
    latency_ms: Mapped[int | None]
    error: Mapped[str | None]


Index(
    "uq_webhook_deliveries_event",
    WebhookDelivery.tenant_id,
    WebhookDelivery.endpoint_id,
    WebhookDelivery.event_id,
    unique=True,
)
Index(
    None,
    WebhookDelivery.tenant_id,
    WebhookDelivery.endpoint_id,
    WebhookDelivery.created_at,
    WebhookDelivery.id,
)
Index(
    None,
    WebhookDelivery.tenant_id,
    WebhookDelivery.endpoint_id,
    WebhookDelivery.state,
    WebhookDelivery.created_at,
    WebhookDelivery.id,
)
listed_by(WebhookDelivery)


class WebhookAttempt(Base):
    """One request and how it was answered; `answer` is how the body of the answer began."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (refers("delivery_id", "webhook_deliveries", ondelete="CASCADE"),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    status_code: Mapped[int | None]
    latency_ms: Mapped[int]
    error: Mapped[str | None]
    answer: Mapped[str]
