from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers


class BusinessCalendar(Entity):
    """When somebody works; `week` and `exceptions` as the contract has them."""

    __tablename__ = "business_calendars"
    __table_args__ = (
        refers("inherits_id", "business_calendars"),
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


listed_by(BusinessCalendar)
Index(None, BusinessCalendar.tenant_id, BusinessCalendar.inherits_id)
