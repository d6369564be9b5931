from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity


class BusinessCalendar(Entity):
    """When somebody works; `week` and `exceptions` as the contract has them."""

    __tablename__ = "business_calendars"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "inherits_id"],
            ["business_calendars.tenant_id", "business_calendars.id"],
            name="fk_business_calendars_tenant_id_inherits_id",
        ),
        CheckConstraint("inherits_id <> id", name="not_its_own"),
    )

    name: Mapped[str]
    time_zone: Mapped[str]
    week: Mapped[dict[str, Any]]
    country: Mapped[str | None]
    subdivision: Mapped[str | None]
    make_up_hours: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    exceptions: Mapped[list[dict[str, Any]]]
    inherits_id: Mapped[UUID | None]


Index(None, BusinessCalendar.tenant_id, BusinessCalendar.created_at, BusinessCalendar.id)
Index(None, BusinessCalendar.tenant_id, BusinessCalendar.inherits_id)
