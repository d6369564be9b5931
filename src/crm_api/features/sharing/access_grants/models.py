from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.db import Entity, listed_by, refers
from crm_api.kit.sight import Sight
from crm_api.kit.through import about


class AccessLevel(StrEnum):
    read = "read"
    write = "write"


class Basis(StrEnum):
    separate_consent = "separate_consent"
    joint_handling = "joint_handling"
    entrusted = "entrusted"
    contract = "contract"


class AccessGrantState(StrEnum):
    active = "active"
    revoked = "revoked"
    expired = "expired"


class AccessGrant(Entity):
    """That a unit sees a customer of others, and whoever asked for it in the unit."""

    __tablename__ = "access_grants"
    sight: ClassVar[Sight | None] = about(CUSTOMER, "access_grants", "business_unit_id", "user_id")
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("user_id", "users"),
    )

    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    level: Mapped[AccessLevel]
    until: Mapped[datetime | None]
    reason: Mapped[str | None]
    basis: Mapped[Basis | None]
    recipient: Mapped[str | None]
    purpose: Mapped[str | None]
    state: Mapped[AccessGrantState] = mapped_column(server_default="active")
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]


listed_by(
    AccessGrant,
    AccessGrant.customer_id,
    AccessGrant.business_unit_id,
    AccessGrant.user_id,
    AccessGrant.state,
)
