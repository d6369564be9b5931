from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers


class RatingKind(StrEnum):
    csat = "csat"
    nps = "nps"


class Consequence(StrEnum):
    """What a bad rating leads to."""

    nothing = "nothing"
    flag = "flag"
    reopen = "reopen"


class RatingPolicy(Entity):
    """Whether customers of a unit are asked how satisfied they are, when, and how often."""

    __tablename__ = "rating_policies"
    __table_args__ = (
        refers("business_unit_id", "business_units"),
        CheckConstraint(
            "delay_hours >= 0 AND expires_after_days > 0 AND fatigue_days >= 0", name="some_time"
        ),
    )

    business_unit_id: Mapped[UUID | None]
    enabled: Mapped[bool] = mapped_column(server_default="false")
    kind: Mapped[RatingKind]
    delay_hours: Mapped[int]
    expires_after_days: Mapped[int]
    fatigue_days: Mapped[int]
    detractors: Mapped[Consequence]


listed_by(RatingPolicy, RatingPolicy.business_unit_id)
Index(
    "uq_rating_policies_business_unit_id",
    RatingPolicy.tenant_id,
    RatingPolicy.business_unit_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    info={"pointer": "/business_unit_id"},
)
