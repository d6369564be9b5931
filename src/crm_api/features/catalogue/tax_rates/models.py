from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by
from crm_api.kit.periods import one_at_a_time


class TaxRate(Entity):
    """What a class of goods is taxed with in a region, from one day until before another."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="in_percent"),
        CheckConstraint("valid_until_on > valid_from_on", name="begins_before_it_ends"),
        one_at_a_time("tax_rates", "tax_class", "region"),
    )

    tax_class: Mapped[str]
    region: Mapped[str]
    percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    name: Mapped[str]
    valid_from_on: Mapped[date]
    valid_until_on: Mapped[date | None]


listed_by(TaxRate, TaxRate.tax_class, TaxRate.region)
