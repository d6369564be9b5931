"""Rates and amounts in the tenant's base currency, as SQL for statements over many rows.

The expressions stand in statements that are told the `tenant`, as all of the kit's are.
"""

from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from crm_api.kit.db import table_of
from crm_api.kit.statement import TENANT, number
from crm_api.platform.organization.models import Tenant

from .models import ExchangeRate

SETTLED, RATES = table_of(Tenant).alias("settled"), table_of(ExchangeRate)
BASE: ColumnElement[str] = (
    select(SETTLED.c.base_currency)
    .where(SETTLED.c.tenant_id == TENANT, SETTLED.c.id == TENANT)
    .correlate(None)
    .scalar_subquery()
)
"""The tenant's base currency (ISO 4217), read once in a statement. Whoever answers with amounts in
it selects it beside them."""


def rate_on(
    currency: ColumnElement[str], day: ColumnElement[Any], base: ColumnElement[str] = BASE
) -> ColumnElement[Any]:
    """So many units of the base currency is one unit of `currency` on a `day`, a date in the
    tenant's time zone: the latest rate of the pair that has begun by then, found by the unique
    index for each row. 1 for the base currency itself, null where no rate is in force."""
    rate = RATES.alias()
    pair = (rate.c.currency == currency, rate.c.base_currency == base)
    begun = select(func.trim_scale(rate.c.rate)).where(
        rate.c.tenant_id == TENANT, *pair, rate.c.valid_from_on <= day
    )
    latest = begun.order_by(rate.c.valid_from_on.desc()).limit(number(1)).correlate_except(rate)
    return case((currency == base, number(1)), else_=latest.scalar_subquery())


def worth(
    amount: ColumnElement[Any],
    currency: ColumnElement[str],
    day: ColumnElement[Any],
    base: ColumnElement[str] = BASE,
) -> ColumnElement[Any]:
    """`amount`, in units of `currency`, in units of the base currency at the rate of a `day`,
    rounded half up to the digits of the base currency; null where no rate is in force."""
    return func.round(amount * rate_on(currency, day, base), func.currency_digits(base))
