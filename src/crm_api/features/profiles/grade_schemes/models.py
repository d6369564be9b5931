from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers


class GradeSchemeState(StrEnum):
    live = "live"
    archived = "archived"


class GradeScheme(Entity):
    """A unit has one live scheme at most, and so has the group, which is no unit."""

    __tablename__ = "grade_schemes"
    __table_args__ = (refers("business_unit_id", "business_units"),)

    name: Mapped[str]
    business_unit_id: Mapped[UUID | None]
    grades: Mapped[list[dict[str, Any]]]
    state: Mapped[GradeSchemeState] = mapped_column(server_default="live")


listed_by(GradeScheme)
Index(
    None,
    GradeScheme.tenant_id,
    GradeScheme.business_unit_id,
    GradeScheme.created_at,
    GradeScheme.id,
)
Index(
    "uq_grade_schemes_live_business_unit_id",
    GradeScheme.tenant_id,
    GradeScheme.business_unit_id,
    unique=True,
    postgresql_where=text("state = 'live'"),
    postgresql_nulls_not_distinct=True,
)
