from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers
from crm_api.kit.filters import Listed
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class Lifecycle(StrEnum):
    prospect = "prospect"
    active = "active"
    dormant = "dormant"
    lost = "lost"
    blocked = "blocked"


class GradeSource(StrEnum):
    manual = "manual"


class UnitProfileCollaborator(Base):
    """Finds profiles by who works on them; `UnitProfile.collaborator_ids` says it."""

    __tablename__ = "unit_profile_collaborators"
    __table_args__ = (
        refers("user_id", "users"),
        refers("unit_profile_id", "unit_profiles", ondelete="CASCADE"),
        Index(None, "tenant_id", "unit_profile_id"),
        {"info": {"pointer": "/collaborator_ids"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_profile_id: Mapped[UUID] = mapped_column(primary_key=True)


COLLABORATING = Listed(UnitProfileCollaborator, "unit_profile_id", "user_id", ())


class UnitProfile(Entity):
    """What one unit knows and decides about one customer."""

    __tablename__ = "unit_profiles"
    sight: ClassVar[Sight | None] = ByColumns(
        "unit_profiles", "business_unit_id", ("owner_id",), COLLABORATING
    )
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("owner_id", "users"),
        refers("grade_scheme_id", "grade_schemes"),
        CheckConstraint(
            "num_nonnulls(grade, grade_scheme_id, grade_source) IN (0, 3)", name="grade_is_of_one"
        ),
        CheckConstraint(
            "grade_expires_at IS NULL OR grade IS NOT NULL", name="only_a_grade_expires"
        ),
        CheckConstraint(
            "(lifecycle = 'blocked') = (lifecycle_before IS NOT NULL)", name="blocked_remembers"
        ),
        CheckConstraint(
            "lifecycle_before IN ('prospect', 'active', 'dormant', 'lost')", name="goes_back"
        ),
        CheckConstraint(
            "num_nonnulls(credit_limit, credit_currency) IN (0, 2)", name="limit_has_a_currency"
        ),
        CheckConstraint("credit_limit >= 0", name="no_negative_limit"),
        CheckConstraint("credit_days BETWEEN 0 AND 3650", name="days_of_ten_years"),
    )

    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    collaborator_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    grade: Mapped[str | None]
    grade_scheme_id: Mapped[UUID | None]
    grade_source: Mapped[GradeSource | None]
    grade_expires_at: Mapped[datetime | None]
    lifecycle: Mapped[Lifecycle] = mapped_column(server_default="prospect")
    lifecycle_before: Mapped[str | None]
    lifecycle_reason: Mapped[str | None]
    lifecycle_changed_at: Mapped[datetime]
    credit_limit: Mapped[Decimal | None] = mapped_column(Numeric(15, 3))
    credit_currency: Mapped[str | None]
    credit_days: Mapped[int | None]
    last_contact_at: Mapped[datetime | None]


listed_by(
    UnitProfile,
    UnitProfile.business_unit_id,
    UnitProfile.owner_id,
    UnitProfile.grade,
    UnitProfile.lifecycle,
)
Index(None, UnitProfile.tenant_id, UnitProfile.updated_at, UnitProfile.id)
Index(
    "uq_unit_profiles_customer_id_business_unit_id",
    UnitProfile.tenant_id,
    UnitProfile.customer_id,
    UnitProfile.business_unit_id,
    unique=True,
)
