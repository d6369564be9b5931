"""What other features ask of exchange rates, in Python and in SQL: both answer alike."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Date, Numeric, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.cli.unit import operator
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.currencies import CURRENCIES, digits_of
from crm_api.kit.statement import in_tenant
from crm_api.kit.work import UnitOfWork
from crm_api.platform.exchange_rates.criteria import BASE, rate_on, worth
from crm_api.platform.exchange_rates.rules import converted
from crm_api.platform.exchange_rates.schemas import ExchangeRateCreate
from crm_api.platform.exchange_rates.service import ExchangeRateService
from tests.conftest import NewTenant

NEW_YEAR = date(2026, 1, 1)
MONEY = st.decimals(-999_999_999_999, 999_999_999_999, allow_nan=False, places=6)
RATES = st.decimals(Decimal("0.0000000001"), Decimal("999999999999.9999999999"), places=10)
CODES = st.sampled_from(sorted(CURRENCIES)) | st.sampled_from(["JPY", "CNY", "KWD"])

DOCUMENT: dict[str, Any] = {"amount": Numeric(), "currency": Text(), "on": Date()}
SENT = func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in DOCUMENT.items()))
DOCUMENTS = SENT.table_valued(
    *(column(name, kind) for name, kind in DOCUMENT.items()), with_ordinality="n", name="document"
).render_derived()
CELLS = DOCUMENTS.c
ALL_RATES, ALL_WORTH = (
    in_tenant(
        select(func.array_agg(aggregate_order_by(cast(told, Text), CELLS.n))).scalar_subquery()
    )
    for told in (
        rate_on(CELLS.currency, CELLS.on),
        worth(CELLS.amount, CELLS.currency, CELLS.on),
    )
)
THE_BASE = in_tenant(select(BASE).scalar_subquery())


async def enter(house: House, tenant: Tenant, *rates: tuple[str, str, date, str]) -> None:
    ctx = operator(house, tenant)
    for currency, base, day, rate in rates:
        said = {"currency": currency, "base_currency": base, "rate": rate, "valid_from_on": day}
        ExchangeRateService(ctx).create(ExchangeRateCreate.model_validate(said))
    await ctx.finish()


def said(told: list[str | None]) -> list[Decimal | None]:
    return [None if one is None else Decimal(one) for one in told]


async def test_a_rate_is_in_force_from_its_day_until_the_next_one_begins(
    house: House, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_()
    first, second = NEW_YEAR, NEW_YEAR + timedelta(days=31)
    await enter(
        house,
        tenant,
        ("USD", "CNY", first, "7.1"),
        ("USD", "CNY", second, "7.2"),
        ("USD", "EUR", second, "0.9"),
    )
    await enter(house, await new_tenant_(), ("EUR", "CNY", first, "8"))
    days = [first + timedelta(days=n) for n in (-1, 0, 30, 31, 4000)]
    expected = [None, *map(Decimal, ("7.1", "7.1", "7.2", "7.2"))]
    service = ExchangeRateService(operator(house, tenant))
    assert [await service.rate("USD", day) for day in days] == expected
    assert await service.rate("EUR", second) is None
    asked = {"amount": [1] * 5, "currency": ["USD"] * 5, "on": days}
    assert said(await operator(house, tenant).work.fetch(ALL_RATES, asked)) == expected


async def test_the_base_currency_is_worth_one_and_nobody_is_asked(
    house: House, new_tenant_: NewTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = operator(house, await new_tenant_(base_currency="EUR"))
    assert await ctx.work.fetch(THE_BASE, {}) == "EUR"
    asked = {"amount": [5], "currency": ["EUR"], "on": [NEW_YEAR]}
    assert await ctx.work.fetch(ALL_RATES, asked) == ["1"]
    monkeypatch.delattr(UnitOfWork, "fetch")
    assert await ExchangeRateService(ctx).rate("EUR", NEW_YEAR) == 1


async def test_with_another_base_currency_no_rate_to_the_old_one_is_in_force(
    house: House, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_(base_currency="HKD")
    await enter(house, tenant, ("USD", "CNY", NEW_YEAR, "7.1"), ("CNY", "HKD", NEW_YEAR, "1.1"))
    service = ExchangeRateService(operator(house, tenant))
    assert await service.rate("USD", NEW_YEAR) is None
    assert await service.rate("CNY", NEW_YEAR) == Decimal("1.1")


@given(amount=MONEY, rate=RATES, currency=CODES)
@example(Decimal("0.5"), Decimal(1), "JPY")
@example(Decimal("-2.5"), Decimal(1), "JPY")
@example(Decimal("1.005"), Decimal(1), "CNY")
@example(Decimal("973816888437.283860"), Decimal("919608418328.2842449691"), "JPY")  # ,49997
@example(Decimal("999999999999.999999"), Decimal("999999999999.9999999999"), "KWD")
def test_what_is_converted_is_the_nearest_amount_of_the_currency(
    amount: Decimal, rate: Decimal, currency: str
) -> None:
    """Half up, in the arithmetic of fractions; below zero as above it."""
    unit = 10 ** digits_of(currency)
    size = abs(Fraction(amount) * Fraction(rate)) * unit
    nearest = (2 * size + 1) // 2
    found = converted(amount, rate, currency)
    assert abs(Fraction(found)) == Fraction(nearest, unit)
    assert found == 0 or found.is_signed() == amount.is_signed()
    assert found.as_tuple().exponent == -digits_of(currency)


@given(amount=MONEY, rate=RATES, currency=CODES)
def test_what_is_more_is_worth_no_less(amount: Decimal, rate: Decimal, currency: str) -> None:
    more = amount + Decimal("0.01")
    assert converted(amount, rate, currency) <= converted(more, rate, currency)
    assert converted(-amount, rate, currency) == -converted(amount, rate, currency)


DOCUMENT_LISTS = st.lists(
    st.tuples(MONEY, st.sampled_from(["USD", "EUR", "CNY", "JPY", "KWD"]), st.integers(-1, 6)),
    min_size=1,
    max_size=30,
)
BEGUN = st.dictionaries(
    st.tuples(st.sampled_from(["USD", "EUR", "CNY", "JPY"]), st.integers(0, 5)), RATES, max_size=12
)


@pytest.mark.parametrize("base", ["JPY", "CNY", "KWD"])
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(documents=DOCUMENT_LISTS, rates=BEGUN)
async def test_the_database_converts_as_python_does(
    house: House, new_tenant_: NewTenant, base: str, documents: list[Any], rates: dict[Any, Any]
) -> None:
    """Whole documents in one statement, each with the rate of its own day."""
    tenant = await new_tenant_(base_currency=base)
    day = [NEW_YEAR + timedelta(days=n) for n in range(-1, 7)]
    known = {(c, n): rate for (c, n), rate in rates.items() if c != base}
    await enter(house, tenant, *((c, base, day[n + 1], f"{r:f}") for (c, n), r in known.items()))
    ctx = operator(house, tenant)
    service = ExchangeRateService(ctx)
    expected: list[Decimal | None] = []
    for amount, currency, on in documents:
        rate = await service.rate(currency, day[on + 1])
        expected.append(None if rate is None else converted(amount, rate, base))
    amounts, currencies, days = zip(*documents, strict=True)
    asked = {"amount": amounts, "currency": currencies, "on": [day[n + 1] for n in days]}
    assert said(await ctx.work.fetch(ALL_WORTH, asked)) == expected
