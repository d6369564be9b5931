from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by, refers
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class QuotaPeriod(StrEnum):
    month = "month"
    quarter = "quarter"
    year = "year"


class Quota(Entity):
    """What somebody, or a unit, is to win in a period; of neither it is the group's."""

    __tablename__ = "quotas"
    sight: ClassVar[Sight | None] = ByColumns("quotas", "business_unit_id", ("user_id",))
    __table_args__ = (
        refers("user_id", "users"),
        refers("business_unit_id", "business_units"),
        CheckConstraint("amount > 0", name="something_to_win"),
        CheckConstraint(
            "starts_on = date_trunc(period, starts_on::timestamp)::date", name="whole_periods"
        ),
    )

    user_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID | None]
    period: Mapped[QuotaPeriod]
    starts_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(15, 3))
    currency: Mapped[str]


listed_by(Quota, Quota.user_id, Quota.business_unit_id)
Index(
    "uq_quotas_period",
    Quota.tenant_id,
    Quota.period,
    Quota.starts_on,
    Quota.user_id,
    Quota.business_unit_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    info={"pointer": "/starts_on"},
)
