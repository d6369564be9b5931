from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.desk.rating_policies.schemas import RatingKind
from crm_api.features.desk.terms.schemas import TicketType
from crm_api.kit.db import Base, Entity, listed_by, refers
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class RatingState(StrEnum):
    queued = "queued"
    sent = "sent"
    answered = "answered"
    expired = "expired"
    suppressed = "suppressed"


class Unasked(StrEnum):
    """Why a customer is not asked."""

    asked_lately = "asked_lately"
    not_resolved = "not_resolved"
    disabled = "disabled"


class Answer(StrEnum):
    """How a customer has answered."""

    link = "link"
    phone = "phone"


class Rating(Entity):
    """That a customer is asked about a resolved ticket, and what he says.

    `resolution` counts the resolutions of the ticket: each is asked about once. Unit, assignee and
    type are those of the ticket as it was resolved.
    """

    __tablename__ = "ratings"
    sight: ClassVar[Sight | None] = ByColumns("ratings", "business_unit_id", ("assignee_id",))
    __table_args__ = (
        refers("ticket_id", "tickets"),
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("assignee_id", "users"),
        refers("user_id", "users"),
        CheckConstraint(
            "CASE kind WHEN 'csat' THEN score BETWEEN 1 AND 5 ELSE score BETWEEN 0 AND 10 END",
            name="score_on_its_scale",
        ),
        CheckConstraint(
            "num_nonnulls(score, answered_at, answered_by) "
            "= CASE state WHEN 'answered' THEN 3 ELSE 0 END",
            name="answered_with_a_score",
        ),
        CheckConstraint(
            "(state = 'suppressed') = (reason IS NOT NULL)", name="suppressed_for_a_reason"
        ),
        CheckConstraint(
            "state NOT IN ('sent', 'expired') OR num_nonnulls(asked_at, expires_at) = 2",
            name="asked_for_some_time",
        ),
    )

    ticket_id: Mapped[UUID]
    resolution: Mapped[int]
    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    assignee_id: Mapped[UUID | None]
    type: Mapped[TicketType]
    policy_id: Mapped[UUID | None]
    kind: Mapped[RatingKind]
    state: Mapped[RatingState] = mapped_column(server_default="queued")
    reason: Mapped[Unasked | None]
    asks_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[Answer | None]
    user_id: Mapped[UUID | None]
    score: Mapped[int | None]
    comment: Mapped[str | None]
    is_flagged: Mapped[bool] = mapped_column(server_default="false")


listed_by(
    Rating,
    *(Rating.ticket_id, Rating.customer_id, Rating.business_unit_id, Rating.assignee_id),
    *(Rating.state, Rating.is_flagged),
)
Index(None, Rating.tenant_id, Rating.asked_at, Rating.id)
Index("uq_ratings_ticket_id", Rating.tenant_id, Rating.ticket_id, Rating.resolution, unique=True)


class RatingTurn(Base):
    """When a customer was asked last: whoever asks next takes the turn, and there is one only."""

    __tablename__ = "rating_turns"
    __table_args__ = (refers("customer_id", "customers"),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
