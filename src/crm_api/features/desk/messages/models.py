from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.desk.terms.schemas import Delivery, TicketChannel
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit.db import Entity, listed_by, refers
from crm_api.kit.sight import Sight
from crm_api.kit.through import ByRecord


class Direction(StrEnum):
    in_ = "in"
    out = "out"


class TicketMessage(Entity):
    """What was said about a ticket, once and for all. What has come from a channel is there once by
    its `external_id`: the channel's own. `address` is what it came from there. Nobody wrote an
    automatic one."""

    __tablename__ = "ticket_messages"
    sight: ClassVar[Sight | None] = ByRecord(TICKET.model, "ticket_id", "merged_into_id")
    __table_args__ = (
        refers("ticket_id", "tickets"),
        refers("customer_id", "customers"),
        refers("user_id", "users"),
        refers("channel_id", "channels"),
        CheckConstraint("direction = 'out' OR is_public", name="customers_write_no_notes"),
        CheckConstraint(
            "(direction = 'in') = (customer_id IS NOT NULL)", name="customers_write_in"
        ),
        CheckConstraint("direction = 'out' OR user_id IS NULL", name="users_write_out"),
        CheckConstraint(
            "delivery IS NULL OR (direction = 'out' AND is_public AND channel_id IS NOT NULL)",
            name="answers_are_delivered",
        ),
        CheckConstraint("(delivery = 'sent') = (delivered_at IS NOT NULL)", name="sent_some_time"),
    )

    ticket_id: Mapped[UUID]
    direction: Mapped[Direction]
    is_public: Mapped[bool]
    customer_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    channel: Mapped[TicketChannel]
    channel_id: Mapped[UUID | None]
    subject: Mapped[str | None]
    text: Mapped[str]
    html: Mapped[str | None]
    external_id: Mapped[str | None]
    in_reply_to: Mapped[str | None]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    address: Mapped[str | None]
    is_automatic: Mapped[bool] = mapped_column(server_default="false")
    delivery: Mapped[Delivery | None]
    delivery_attempts: Mapped[int] = mapped_column(server_default="0")
    delivery_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]


listed_by(TicketMessage, TicketMessage.ticket_id)
Index(
    "ix_ticket_messages_address",
    *(TicketMessage.tenant_id, TicketMessage.channel_id, TicketMessage.address, TicketMessage.id),
    postgresql_where=text("address IS NOT NULL"),
)
Index(
    "uq_ticket_messages_external_id",
    *(TicketMessage.tenant_id, TicketMessage.external_id),
    *(TicketMessage.channel, TicketMessage.channel_id),
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=text("external_id IS NOT NULL"),
)
