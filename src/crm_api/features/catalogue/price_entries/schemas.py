from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.catalogue.price_books.schemas import PriceBookId
from crm_api.features.catalogue.products.schemas import Price, ProductId
from crm_api.kit.batch import LENIENT, MOST_ITEMS
from crm_api.kit.forms import form
from crm_api.kit.money import MoneyIn, UnitMoney
from crm_api.kit.schema import EntityRead, Input
from crm_api.kit.times import CalendarDate
from crm_api.kit.words import say

from .models import PriceEntry
from .resource import PRICE_ENTRY

PriceEntryId = Annotated[UUID, PRICE_ENTRY.prefix]
Quantity = Annotated[
    str,
    form(
        "^(0|[1-9][0-9]{0,8})([.][0-9]{1,3})?$",
        say("Send a number that is not below zero as text, such as 12 or 0.5."),
        examples=["12"],
    ),
]
"""How many, or how much, in the unit of a product: up to three digits after the point."""
MinQuantity = Annotated[
    Quantity, Field(description="Whoever buys so much pays this price, until the next one begins.")
]
UnitPrice = Annotated[Price, Field(description="Of one unit, in the currency of the book.")]
FromOn = Annotated[
    CalendarDate, Field(description="In force from this day; null for as long as you like.")
]
UntilOn = Annotated[
    CalendarDate,
    Field(
        description="In force until before this day, on which the next price may begin; null for "
        "ever.",
        examples=["2028-01-01"],
    ),
]


class PriceEntryCreate(Input):
    price_book_id: PriceBookId
    product_id: ProductId
    min_quantity: MinQuantity = "0"
    unit_price: UnitPrice
    valid_from_on: FromOn | None = None
    valid_until_on: UntilOn | MISSING | None = MISSING


class PriceEntryUpdate(Input):
    """For another product, or another book, make another entry."""

    min_quantity: MinQuantity | MISSING = MISSING
    unit_price: UnitPrice | MISSING = MISSING
    valid_from_on: FromOn | MISSING | None = MISSING
    valid_until_on: UntilOn | MISSING | None = MISSING


class PriceEntryBatch(Input):
    """Up to a hundred prices, each created or changed by its book, product, quantity and day."""

    atomic: Annotated[bool, Field(description="All or nothing.")] = False
    items: Annotated[
        list[Annotated[PriceEntryCreate, LENIENT]], Field(min_length=1, max_length=MOST_ITEMS)
    ]


class PriceEntryRead(EntityRead):
    """What a product costs in a price book, from a quantity on."""

    table = PriceEntry

    id: PriceEntryId
    object: Literal["price_entry"]
    price_book_id: PriceBookId
    product_id: ProductId
    min_quantity: Annotated[
        str,
        Field(
            description="Whoever buys so much pays this price, until the next one begins: a "
            "decimal number as a string, without trailing zeros.",
            examples=["10"],
        ),
    ]
    unit_price: Annotated[UnitMoney, MoneyIn("unit_price", "currency")]
    valid_from_on: FromOn | None
    valid_until_on: UntilOn | None
