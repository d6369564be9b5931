from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.catalogue.price_books.schemas import PriceBookId
from crm_api.features.catalogue.price_entries.schemas import PriceEntryId, Quantity
from crm_api.features.catalogue.products.schemas import ProductId
from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.money import Currency, UnitMoney
from crm_api.kit.schema import Input, OpenEnum
from crm_api.kit.times import CalendarDate
from crm_api.platform.business_units.schemas import BusinessUnitId

from .rules import Asked as Asked
from .rules import Found as Found
from .rules import Line as Line
from .rules import Price as Price
from .rules import PriceSource as PriceSource
from .rules import Step as Step

MOST_LINES = 200


class PriceLine(Input):
    product_id: ProductId
    quantity: Quantity = "1"


class PriceQuestion(Input):
    """What is sold, to whom, by whom, and when."""

    currency: Currency
    customer_id: Annotated[
        CustomerId | None, Field(description="Without one, the prices for everybody.")
    ] = None
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that sells; the one that you work in, when not sent."),
    ] = None
    on: Annotated[
        CalendarDate | None,
        Field(description="The day; today in the time zone of the unit, when not sent."),
    ] = None
    lines: Annotated[list[PriceLine], Field(min_length=1, max_length=MOST_LINES)]


class PriceStep(BaseModel):
    """A book that was looked in, and what it said."""

    price_book_id: PriceBookId
    found: Annotated[
        str,
        OpenEnum(Found),
        Field(
            description="`no_price`: a rule fits, but there is no price to start from in this "
            "currency, or its result has too many digits."
        ),
    ]
    rule: Annotated[
        int | None,
        Field(description="The place of the rule that fits in the book's, from 0.", examples=[0]),
    ]


class ResolvedPrice(BaseModel):
    """What one unit costs, and why."""

    product_id: ProductId
    quantity: Annotated[str, Field(examples=["12"])]
    unit_price: Annotated[UnitMoney | None, Field(description="Null where there is no price.")]
    prices_include_tax: Annotated[
        bool | None,
        Field(description="As those of the book do; list prices as those of the default book."),
    ]
    source: Annotated[str | None, OpenEnum(PriceSource)]
    price_book_id: Annotated[PriceBookId | None, Field(description="Whose price it is.")]
    price_entry_id: PriceEntryId | None
    path: Annotated[
        list[PriceStep], Field(description="The books in the order in which they were looked in.")
    ]


class ResolvedPrices(BaseModel):
    """What the lines cost, in their order."""

    object: Literal["resolved_prices"]
    currency: Annotated[str, Field(description="ISO 4217 currency.", examples=["CNY"])]
    customer_id: CustomerId | None
    business_unit_id: BusinessUnitId | None
    on: CalendarDate
    lines: list[ResolvedPrice]
