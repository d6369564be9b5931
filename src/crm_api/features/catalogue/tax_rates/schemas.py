from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.forms import form
from crm_api.kit.schema import EntityRead, Input, Line
from crm_api.kit.times import CalendarDate
from crm_api.kit.words import say

from .models import TaxRate
from .resource import TAX_RATE
from .rules import TaxRateInForce as TaxRateInForce

TaxRateId = Annotated[UUID, TAX_RATE.prefix]
TaxClass = Annotated[
    str,
    form(
        "^[a-z][a-z0-9_]{0,39}$",
        say("Send lower-case letters, digits and _, a letter first."),
        description="What is taxed alike, such as `standard`, `reduced` or `zero`; the group "
        "makes these names up, and products carry them.",
        examples=["standard"],
    ),
]
Region = Annotated[
    str,
    form(
        "^[A-Z]{2}(-[0-9A-Z]{1,3})?$",
        say("Send a country such as CN, or a part of one such as US-NY."),
        description="A country (ISO 3166-1 alpha-2), or a part of one (ISO 3166-2). For a part "
        "that has no rate of its own, that of its country is in force.",
        examples=["CN", "CN-31"],
    ),
]
Percent = Annotated[
    str,
    form(
        "^(100([.]0{1,4})?|(0|[1-9][0-9]?)([.][0-9]{1,4})?)$",
        say("Send percents from 0 to 100 as text, such as 12.5."),
        description="From 0 to 100, with up to 4 decimals, as a string; JSON numbers are refused.",
        examples=["13"],
    ),
]
Name = Annotated[
    Line, Field(max_length=200, description="For people.", examples=["VAT 13 % (增值税)"])
]
FromOn = Annotated[CalendarDate, Field(description="In force from this day.")]
UntilOn = Annotated[
    CalendarDate,
    Field(
        description="In force until before this day, on which the next rate may begin; null for "
        "ever.",
        examples=["2027-01-01"],
    ),
]


class TaxRateCreate(Input):
    tax_class: TaxClass
    region: Region
    percent: Percent
    name: Name
    valid_from_on: FromOn
    valid_until_on: UntilOn | None = None


class TaxRateUpdate(Input):
    """A correction, or an end; for another class or region make another rate."""

    percent: Percent | MISSING = MISSING
    name: Name | MISSING = MISSING
    valid_from_on: FromOn | MISSING = MISSING
    valid_until_on: UntilOn | MISSING | None = MISSING


class TaxRateRead(EntityRead):
    """What a class of goods is taxed with in a region, from a day until before another."""

    table = TaxRate

    id: TaxRateId
    object: Literal["tax_rate"]
    tax_class: Annotated[str, Field(description="What is taxed alike.", examples=["standard"])]
    region: Annotated[
        str,
        Field(
            description="A country (ISO 3166-1 alpha-2), or a part of one (ISO 3166-2).",
            examples=["CN"],
        ),
    ]
    percent: Annotated[
        str,
        Field(
            description="From 0 to 100: a decimal number as a string, without trailing zeros.",
            examples=["13"],
        ),
    ]
    name: Annotated[str, Field(description="For people.", examples=["VAT 13 % (增值税)"])]
    valid_from_on: FromOn
    valid_until_on: UntilOn | None
