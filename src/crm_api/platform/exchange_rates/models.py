from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Entity, listed_by


class ExchangeRate(Entity):
    """One unit of `currency` is `rate` units of `base_currency`, from a day until the next one."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("rate > 0", name="positive"),
        CheckConstraint("currency <> base_currency", name="two_currencies"),
    )

    currency: Mapped[str]
    base_currency: Mapped[str]
    rate: Mapped[Decimal] = mapped_column(Numeric(22, 10))
    valid_from_on: Mapped[date]
    source: Mapped[str | None]


listed_by(ExchangeRate)
for asked in ((), (ExchangeRate.currency,), (ExchangeRate.base_currency,)):
    Index(None, ExchangeRate.tenant_id, *asked, ExchangeRate.valid_from_on, ExchangeRate.id)
Index(
    "uq_exchange_rates_currency_base_currency_valid_from_on",
    ExchangeRate.tenant_id,
    ExchangeRate.currency,
    ExchangeRate.base_currency,
    ExchangeRate.valid_from_on,
    unique=True,
)
