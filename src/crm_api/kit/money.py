"""Money: decimal strings on the wire, exact decimals inside; refused where it does not fit.

An amount is written with its currency's digits; a unit price with up to six, and what it has
beyond the currency's digits is trimmed of trailing zeros. `money_functions` writes the same in SQL.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import ColumnCollection, ColumnElement, case, func

from .currencies import CURRENCIES, NO_DIGITS, THREE_DIGITS, digits_of
from .forms import form
from .statement import quoted
from .words import misfit, say

PRICE_DIGITS = 6


def _known(code: str) -> str:
    if code not in CURRENCIES:
        raise misfit("currency_unknown", say("Send an ISO 4217 currency, such as CNY"))
    return code


Currency = Annotated[
    str,
    form(
        "^[A-Z]{3}$",
        say("Send three capital letters, such as CNY."),
        description="ISO 4217 currency.",
        examples=["CNY"],
        json_schema_extra={"format": "currency"},
    ),
    AfterValidator(_known),
]


def _decimal(fraction: int, whole: int = 12) -> str:
    """So many digits before and behind the point; -0 is not a number of its own."""
    digits = f"[1-9][0-9]{{0,{whole - 1}}}"
    return f"^(0|-?{digits}|-?(0|{digits})[.][0-9]{{1,{fraction}}})$"


DecimalText = Annotated[
    str,
    form(
        _decimal(PRICE_DIGITS),
        say("Send a decimal number such as 12.50, without leading zeros."),
        description="A decimal number as a string; JSON numbers are refused.",
        examples=["1250.00"],
        json_schema_extra={"format": "decimal"},
    ),
]


class Money(BaseModel):
    """An amount of money: `{"amount": "1250.00", "currency": "CNY"}`.

    Refused where the currency has no such digits: `1.5` JPY, `0.001` EUR.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    most_digits: ClassVar[int] = 0

    amount: DecimalText
    currency: Currency

    @property
    def value(self) -> Decimal:
        return Decimal(self.amount)

    @model_validator(mode="after")
    def _fits(self) -> "Money":
        digits = max(digits_of(self.currency), self.most_digits)
        if self.value != round(self.value, digits):
            raise misfit("currency_digits", say("The currency has fewer digits after the point"))
        object.__setattr__(self, "amount", written(self.value, self.currency))
        return self


class MoneySum(BaseModel):
    """What many amounts of money are together: `{"amount": "1250.00", "currency": "CNY"}`."""

    amount: Annotated[
        str,
        Field(
            pattern=_decimal(PRICE_DIGITS, 18),
            description="A decimal number as a string, with the digits of the currency.",
            examples=["1250.00"],
            json_schema_extra={"format": "decimal"},
        ),
    ]
    currency: Annotated[str, Field(description="ISO 4217 currency.", examples=["CNY"])]

    @classmethod
    def of(cls, value: Decimal, currency: str) -> "MoneySum":
        return cls(amount=written(value, currency), currency=currency)


@dataclass(frozen=True, slots=True)
class MoneyIn:
    """A field that is money, of which a number and a currency stand in columns of their own."""

    amount: str
    currency: str

    def written(self, row: ColumnCollection[str, Any]) -> ColumnElement[Any]:
        amount, currency = row[self.amount], row[self.currency]
        text = func.money_text(amount, currency)
        told = func.json_build_object(quoted("amount"), text, quoted("currency"), currency)
        return case((amount.is_not(None), told))


class UnitMoney(Money):
    """A price of one unit, which may be finer than the currency: `0.0125` EUR."""

    most_digits: ClassVar[int] = PRICE_DIGITS


def written(value: Decimal, currency: str) -> str:
    """At least the currency's digits, and no trailing zeros beyond them."""
    least = digits_of(currency)
    if value and value.as_tuple().exponent == -least:
        return format(value, "f")
    whole, _, fraction = format(value, f".{max(PRICE_DIGITS, least)}f").partition(".")
    kept = fraction[:least] + fraction[least:].rstrip("0")
    text = f"{whole}.{kept}" if kept else whole
    return text if Decimal(text) else text.removeprefix("-")


def money_functions() -> Iterator[str]:
    """SQL: `currency_digits(text) -> int` and `money_text(numeric, text) -> text`, as `written`."""
    none, three = _listed(NO_DIGITS), _listed(THREE_DIGITS)
    yield f"""
CREATE OR REPLACE FUNCTION currency_digits(currency text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE WHEN currency IN ({none}) THEN 0 WHEN currency IN ({three}) THEN 3 ELSE 2 END"""
    yield """
CREATE OR REPLACE FUNCTION money_text(value numeric, currency text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  round(value, greatest(scale(trim_scale(value)), currency_digits(currency)))::text"""


def _listed(codes: frozenset[str]) -> str:
    return ", ".join(f"'{code}'" for code in sorted(codes))
