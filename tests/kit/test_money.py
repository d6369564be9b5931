"""Money is exact, written in one way, by Python and by PostgreSQL alike."""

from decimal import Decimal
from typing import Any

import pytest
from asyncpg import Connection as Admin
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_api.kit.currencies import CURRENCIES, digits_of
from crm_api.kit.money import Money, UnitMoney, written

CODES = st.sampled_from(sorted(CURRENCIES))
NUMBERS = st.decimals(-999_999_999_999, 999_999_999_999, allow_nan=False, places=6)


def test_an_amount_has_its_currencys_digits() -> None:
    for amount, currency, kept in [
        ("12.5", "EUR", "12.50"),
        ("1250", "JPY", "1250"),
        ("1.25", "KWD", "1.250"),
        ("-0.00", "CNY", "0.00"),
        ("0.5000", "CNY", "0.50"),
    ]:
        assert Money(amount=amount, currency=currency).amount == kept


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.5", "JPY"),
        ("0.001", "EUR"),
        ("1e3", "EUR"),
        ("01", "EUR"),
        ("+1", "EUR"),
        (".5", "EUR"),
        ("1.", "EUR"),
        ("1234567890123", "EUR"),
        ("NaN", "EUR"),
        ("1", "XXX"),
        ("1", "eur"),
        (1, "EUR"),
        (1.5, "EUR"),
        (True, "EUR"),
        (None, "EUR"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_rounded(amount: Any, currency: str) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": currency})


def test_a_unit_price_may_be_finer_than_its_currency() -> None:
    assert UnitMoney(amount="0.012500", currency="EUR").amount == "0.0125"
    assert UnitMoney(amount="3.100000", currency="EUR").amount == "3.10"
    with pytest.raises(ValidationError):
        UnitMoney(amount="0.0000001", currency="EUR")


@given(NUMBERS, CODES)
def test_a_price_survives_its_own_spelling(number: Decimal, currency: str) -> None:
    text = written(number, currency)
    assert Decimal(text) == number
    assert UnitMoney(amount=text, currency=currency).amount == text


@given(NUMBERS, CODES)
def test_an_amount_is_accepted_exactly_when_it_has_no_more_digits(
    number: Decimal, currency: str
) -> None:
    text = format(number, "f")
    if round(number, digits_of(currency)) == number:
        assert Money(amount=text, currency=currency).value == number
    else:
        with pytest.raises(ValidationError):
            Money(amount=text, currency=currency)


async def test_the_database_writes_money_as_python_does(admin: "Admin[Any]") -> None:
    numbers = ["0", "-0.000", "12.5", "12.500000", "-3", "0.000001", "999999999999.999999"]
    for currency in ("CNY", "JPY", "KWD", "UGX", "OMR"):
        for number in map(Decimal, numbers):
            said = await admin.fetchval("SELECT money_text($1, $2)", number, currency)
            assert said == written(number, currency), (number, currency)
