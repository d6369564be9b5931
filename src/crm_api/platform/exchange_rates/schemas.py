from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.kit.batch import LENIENT, MOST_ITEMS
from crm_api.kit.forms import form
from crm_api.kit.money import Currency
from crm_api.kit.schema import EntityRead, Input, Line
from crm_api.kit.times import CalendarDate
from crm_api.kit.words import misfit, say

from .models import ExchangeRate
from .resource import EXCHANGE_RATE

ExchangeRateId = Annotated[UUID, EXCHANGE_RATE.prefix]


def _above_zero(rate: str) -> str:
    if not Decimal(rate):
        raise misfit("rate_not_positive", say("Send a rate above zero"))
    return rate


From = Annotated[
    Currency, Field(description="The currency that is converted from (ISO 4217).", examples=["USD"])
]
Base = Annotated[
    Currency,
    Field(
        description="The currency that is converted to; the tenant's `base_currency` where it is "
        "not sent."
    ),
]
Rate = Annotated[
    str,
    form(
        "^(0|[1-9][0-9]{0,11})([.][0-9]{1,10})?$",
        say(
            "Send a decimal number as text, such as '7.0912': up to 12 digits before its point "
            "and 10 after it, without leading zeros."
        ),
        description="One unit of `currency` is so many units of `base_currency`: a decimal number "
        "above zero, as a string; JSON numbers are refused.",
        examples=["7.0912"],
        json_schema_extra={"format": "rate"},
    ),
    AfterValidator(_above_zero),
]
FromOn = Annotated[
    CalendarDate,
    Field(
        description="In force from this day, in the tenant's time zone, until the next rate of the "
        "pair begins."
    ),
]
Source = Annotated[Line, Field(max_length=200, description="Who says so.", examples=["PBoC"])]


class ExchangeRateCreate(Input):
    currency: From
    base_currency: Base | MISSING = MISSING
    rate: Rate
    valid_from_on: FromOn
    source: Source | MISSING | None = MISSING


class ExchangeRateUpdate(Input):
    """A correction; for another day, or another pair, make another rate."""

    rate: Rate | MISSING = MISSING
    source: Source | MISSING | None = MISSING


class ExchangeRateBatch(Input):
    """Up to two hundred rates, each created or corrected by its pair and its day."""

    atomic: Annotated[bool, Field(description="All or nothing.")] = False
    items: Annotated[
        list[Annotated[ExchangeRateCreate, LENIENT]], Field(min_length=1, max_length=MOST_ITEMS)
    ]


class ExchangeRateRead(EntityRead):
    """What one unit of a currency is worth in another, from a day until the next rate begins."""

    table = ExchangeRate

    id: ExchangeRateId
    object: Literal["exchange_rate"]
    currency: Annotated[
        str,
        Field(description="The currency that is converted from (ISO 4217).", examples=["USD"]),
    ]
    base_currency: Annotated[
        str,
        Field(
            description="The currency that is converted to: the tenant's base currency when the "
            "rate was entered.",
            examples=["CNY"],
        ),
    ]
    rate: Annotated[
        str,
        Field(
            description="One unit of `currency` is so many units of `base_currency`: a decimal "
            "number as a string, without trailing zeros.",
            examples=["7.0912"],
        ),
    ]
    valid_from_on: FromOn
    source: Annotated[str | None, Field(description="Who says so.", examples=["PBoC"])]
