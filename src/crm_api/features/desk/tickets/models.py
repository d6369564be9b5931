from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    FromClause,
    Index,
    Uuid,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.desk.terms.schemas import (
    CloseReason,
    ComplaintLevel,
    TicketCategory,
    TicketChannel,
    TicketPriority,
    TicketType,
)
from crm_api.kit.db import Base, Entity, listed_by, numbered, refers, table_of
from crm_api.kit.filters import Form, Listed, Plain
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight
from crm_api.kit.statement import TENANT

DUE = Computed("coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)", persisted=True)


class TicketTag(Base):
    """Finds tickets by their tags; `Ticket.tags` says them."""

    __tablename__ = "ticket_tags"
    __table_args__ = (
        refers("ticket_id", "tickets", ondelete="CASCADE"),
        Index(None, "tenant_id", "ticket_id"),
        {"info": {"pointer": "/tags"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)


class TicketFollower(Base):
    """Finds tickets by who else follows them; `Ticket.follower_ids` says it."""

    __tablename__ = "ticket_followers"
    __table_args__ = (
        refers("user_id", "users"),
        refers("ticket_id", "tickets", ondelete="CASCADE"),
        Index(None, "tenant_id", "ticket_id"),
        {"info": {"pointer": "/follower_ids"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)


class TicketCopy(Base):
    """Finds tickets by the customers who are sent copies; `Ticket.cc_ids` says it."""

    __tablename__ = "ticket_copies"
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("ticket_id", "tickets", ondelete="CASCADE"),
        Index(None, "tenant_id", "ticket_id"),
        {"info": {"pointer": "/cc_ids"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)


class TicketMove(Base):
    """How far a ticket is, from when on; rows are only added."""

    __tablename__ = "ticket_moves"
    __table_args__ = (
        refers("ticket_id", "tickets", ondelete="CASCADE"),
        Index(None, "tenant_id", "ticket_id", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    category: Mapped[TicketCategory]
    at: Mapped[datetime]


FOLLOWING = Listed(TicketFollower, "ticket_id", "user_id", ())
COPIED = Listed(TicketCopy, "ticket_id", "customer_id", ())
TAGGED = Listed(TicketTag, "ticket_id", "tag", ())


class Ticket(Entity):
    """What a customer wants of the service desk.

    `clocks` are what the times of its policy are reckoned from; `due_at` is when the first of those
    that run is over. `due_order` is `due_at`, and the end of all days where there is none.
    """

    __tablename__ = "tickets"
    sight: ClassVar[Sight | None] = ByColumns(
        "tickets", "business_unit_id", ("assignee_id",), FOLLOWING
    )
    __table_args__ = (
        refers("requester_id", "customers"),
        refers("contact_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("responsible_unit_id", "business_units"),
        refers("assignee_id", "users"),
        refers("order_id", "orders"),
        refers("status_id", "ticket_statuses"),
        refers("queue_id", "queues"),
        refers("channel_id", "channels"),
        refers("sla_policy_id", "sla_policies"),
        refers("merged_into_id", "tickets"),
        refers("follows_id", "tickets"),
        refers("split_from_id", "tickets"),
        CheckConstraint(
            "type = 'complaint' OR num_nonnulls(complaint_level, responsible_unit_id) = 0",
            name="level_of_a_complaint",
        ),
        CheckConstraint("(category = 'closed') = (closed_at IS NOT NULL)", name="closed_some_time"),
        CheckConstraint(
            "(category = 'closed') = (close_reason IS NOT NULL)", name="closed_for_a_reason"
        ),
        CheckConstraint("category <> 'resolved' OR resolved_at IS NOT NULL", name="resolved_once"),
        CheckConstraint(
            "snoozed_until IS NULL OR category IN ('waiting_customer', 'waiting_third_party')",
            name="snoozed_while_waiting",
        ),
        CheckConstraint("reopened_count >= 0", name="reopened_some_times"),
        CheckConstraint("merged_count >= 0", name="merged_some_times"),
        CheckConstraint("split_from_id <> id", name="not_split_from_itself"),
        CheckConstraint("merged_into_id <> id AND follows_id <> id", name="not_itself"),
    )

    number: Mapped[str]
    subject: Mapped[str]
    description: Mapped[str | None]
    requester_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID]
    channel: Mapped[TicketChannel]
    channel_id: Mapped[UUID | None]
    type: Mapped[TicketType]
    complaint_level: Mapped[ComplaintLevel | None]
    responsible_unit_id: Mapped[UUID | None]
    priority: Mapped[TicketPriority]
    status_id: Mapped[UUID]
    category: Mapped[TicketCategory]
    close_reason: Mapped[CloseReason | None]
    queue_id: Mapped[UUID | None]
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    assignee_id: Mapped[UUID | None]
    order_id: Mapped[UUID | None]
    follower_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    cc_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    cc_emails: Mapped[list[str]] = mapped_column(server_default="{}")
    tags: Mapped[list[str]] = mapped_column(server_default="{}")
    snoozed_until: Mapped[datetime | None]
    first_replied_at: Mapped[datetime | None]
    last_customer_message_at: Mapped[datetime | None]
    last_agent_message_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened_count: Mapped[int] = mapped_column(server_default="0")
    message_count: Mapped[int] = mapped_column(server_default="0")
    sla_policy_id: Mapped[UUID | None]
    clocks: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    escalations: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    due_at: Mapped[datetime | None]
    due_order: Mapped[datetime] = mapped_column(DUE)
    is_breached: Mapped[bool] = mapped_column(server_default="false")
    merged_into_id: Mapped[UUID | None]
    follows_id: Mapped[UUID | None]
    split_from_id: Mapped[UUID | None]
    merged_count: Mapped[int] = mapped_column(server_default="0")
    links: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


listed_by(
    Ticket,
    *(Ticket.requester_id, Ticket.business_unit_id, Ticket.assignee_id),
    *(
        Ticket.queue_id,
        Ticket.order_id,
        Ticket.status_id,
        Ticket.category,
        Ticket.priority,
        Ticket.type,
    ),
    *(Ticket.merged_into_id, Ticket.follows_id, Ticket.split_from_id),
)
for order in (Ticket.updated_at, Ticket.due_order):
    Index(None, Ticket.tenant_id, order, Ticket.id)
Index(
    "ix_tickets_unsolved",
    Ticket.tenant_id,
    Ticket.requester_id,
    Ticket.created_at,
    Ticket.id,
    postgresql_where=text("category IN ('open', 'waiting_customer', 'waiting_third_party')"),
)
Index(
    "ix_tickets_waiting",
    Ticket.tenant_id,
    Ticket.queue_id,
    Ticket.due_order,
    Ticket.id,
    postgresql_where=text("category = 'open' AND assignee_id IS NULL"),
)
numbered(Ticket)


@dataclass(frozen=True, slots=True)
class OfTicketOrMerged(Plain):
    """Rows whose column names a ticket, or one that is merged into it."""

    column: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        tickets, wanted = table_of(Ticket), bindparam(name, type_=Uuid())
        asked = or_(tickets.c.id == wanted, tickets.c.merged_into_id == wanted)
        found = select(tickets.c.id).where(tickets.c.tenant_id == TENANT, asked)
        return table.c[self.column] == func.any(func.array(found.scalar_subquery()))
