from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from crm_api.kit.db import Entity, listed_by, refers


class RoleAssignment(Entity):
    """That a user holds a role from one time until before another, in a unit or everywhere."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        refers("user_id", "users"),
        refers("role_id", "roles"),
        refers("business_unit_id", "business_units"),
        CheckConstraint("ends_at >= starts_at", name="begins_before_it_ends"),
    )

    user_id: Mapped[UUID]
    role_id: Mapped[UUID]
    business_unit_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


listed_by(
    RoleAssignment, RoleAssignment.user_id, RoleAssignment.role_id, RoleAssignment.business_unit_id
)
Index(
    "uq_role_assignments_open",
    RoleAssignment.tenant_id,
    RoleAssignment.user_id,
    RoleAssignment.role_id,
    RoleAssignment.business_unit_id,
    unique=True,
    postgresql_where=text("ends_at IS NULL"),
    postgresql_nulls_not_distinct=True,
    info={"pointer": "/role_id"},
)
