from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.sharing.access_grants.schemas import AccessLevel, Basis
from crm_api.kit.db import Entity, listed_by, refers
from crm_api.kit.sight import Sight
from crm_api.kit.through import about


class AccessRequestState(StrEnum):
    pending = "pending"
    approved = "approved"
    rejected = "rejected"
    withdrawn = "withdrawn"
    expired = "expired"


class AccessRequest(Entity):
    """That somebody asks, for a unit, to see a customer of others."""

    __tablename__ = "access_requests"
    sight: ClassVar[Sight | None] = about(
        CUSTOMER, "access_requests", "business_unit_id", "requester_id"
    )
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("requester_id", "users"),
        refers("decider_id", "users"),
        refers("access_grant_id", "access_grants"),
        CheckConstraint(
            "(state = 'approved') = (access_grant_id IS NOT NULL)", name="approved_gives"
        ),
    )

    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    requester_id: Mapped[UUID | None]
    level: Mapped[AccessLevel]
    until: Mapped[datetime | None]
    reason: Mapped[str | None]
    basis: Mapped[Basis | None]
    recipient: Mapped[str | None]
    purpose: Mapped[str | None]
    state: Mapped[AccessRequestState] = mapped_column(server_default="pending")
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decider_id: Mapped[UUID | None]
    decision_reason: Mapped[str | None]
    access_grant_id: Mapped[UUID | None]


listed_by(
    AccessRequest,
    AccessRequest.customer_id,
    AccessRequest.business_unit_id,
    AccessRequest.requester_id,
    AccessRequest.state,
)
Index(
    "uq_access_requests_pending",
    AccessRequest.tenant_id,
    AccessRequest.customer_id,
    AccessRequest.business_unit_id,
    unique=True,
    postgresql_where=text("state = 'pending'"),
)
