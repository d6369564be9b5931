from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers


class SlaPolicyState(StrEnum):
    live = "live"
    archived = "archived"


class SlaPolicy(Entity):
    """How soon tickets are answered and resolved; the rest is as the contract has it."""

    __tablename__ = "sla_policies"
    __table_args__ = (
        refers("business_unit_id", "business_units"),
        refers("calendar_id", "business_calendars"),
        CheckConstraint("NOT is_default OR conditions IS NULL", name="default_for_all"),
    )

    name: Mapped[str]
    position: Mapped[int]
    business_unit_id: Mapped[UUID | None]
    conditions: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    enabled: Mapped[bool] = mapped_column(server_default="true")
    is_default: Mapped[bool] = mapped_column(server_default="false")
    calendar_id: Mapped[UUID | None]
    targets: Mapped[dict[str, Any]]
    pauses_on: Mapped[list[str]]
    escalations: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    state: Mapped[SlaPolicyState] = mapped_column(server_default="live")


listed_by(SlaPolicy, SlaPolicy.business_unit_id)
Index(None, SlaPolicy.tenant_id, SlaPolicy.position, SlaPolicy.id)
Index(None, SlaPolicy.tenant_id, SlaPolicy.business_unit_id, SlaPolicy.position, SlaPolicy.id)
Index(None, SlaPolicy.tenant_id, SlaPolicy.calendar_id)
Index(
    "uq_sla_policies_default",
    SlaPolicy.tenant_id,
    SlaPolicy.business_unit_id,
    unique=True,
    postgresql_where=text("state = 'live' AND enabled AND is_default"),
    postgresql_nulls_not_distinct=True,
    info={"pointer": "/is_default"},
)
