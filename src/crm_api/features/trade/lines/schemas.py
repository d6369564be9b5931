"""What orders are made of: their lines, and the taxes on them."""

from enum import StrEnum
from typing import Annotated

from pydantic import MISSING, AfterValidator, BaseModel, Field

from crm_api.features.catalogue.products.schemas import ProductId, ProductKind
from crm_api.features.catalogue.tax_rates.schemas import Percent, TaxClass
from crm_api.kit.forms import form
from crm_api.kit.money import Money, UnitMoney
from crm_api.kit.schema import Input, Line, OpenEnum
from crm_api.kit.words import misfit, say

MOST_LINES = 500
Number = Annotated[
    int,
    Field(
        ge=1,
        le=99_999,
        description="Its number in the order, by which shipments and returns name it; its place, "
        "from 1, when not sent.",
        examples=[1],
    ),
]
Quantity = Annotated[
    str,
    form(
        "^(0|[1-9][0-9]{0,8})([.][0-9]{1,3})?$",
        say("Send a number that is not negative as text, such as 12 or 0.5."),
        examples=["12"],
    ),
]
Share = Annotated[
    str,
    form(
        "^(100([.]0{1,2})?|[1-9]?[0-9]([.][0-9]{1,2})?)$",
        say("Send percents from 0 to 100 as text, such as 12.5."),
        examples=["10"],
    ),
]
Short = Annotated[Line, Field(max_length=200)]
Sku = Annotated[Line, Field(max_length=60, examples=["F-200"])]
Unit = Annotated[Line, Field(max_length=20, examples=["pcs"])]


class PriceSource(StrEnum):
    sent = "sent"
    price_entry = "price_entry"
    price_rule = "price_rule"
    list_price = "list_price"


class OrderLine(Input):
    """What is ordered, how much of it, at what price.

    In an order whose `pricing` is `given`, a line says its `amount`, and the rest of its money is
    for the record.
    """

    line: Number | MISSING = MISSING
    product_id: ProductId | None = None
    sku: Annotated[
        Sku | None, Field(description="Without a `product_id`, the product with it is meant.")
    ] = None
    name: Annotated[
        Short | None, Field(description="The product's, when not sent; needed without one.")
    ] = None
    kind: Annotated[
        ProductKind | None, Field(description="The product's, when not sent; goods without one.")
    ] = None
    unit: Unit | None = None
    quantity: Quantity = "1"
    unit_price: Annotated[
        UnitMoney | None,
        Field(description="By the price books, when not sent; then a product is needed."),
    ] = None
    discount_percent: Share = "0"
    discount_amount: Annotated[
        Money | None, Field(description="Off the whole line, in place of a percentage.")
    ] = None
    tax_class: Annotated[TaxClass | None, Field(description="The product's, when not sent.")] = None
    tax_percent: Annotated[
        Percent | None,
        Field(description="By the tax rates in force where the order is taxed, when not sent."),
    ] = None
    amount: Annotated[
        Money | None,
        Field(
            description="Of a `given` line: all of it less its discounts, with its tax where "
            "prices include tax."
        ),
    ] = None
    tax_amount: Annotated[
        Money | None, Field(description="Of a `given` line: the tax on it; 0 when not sent.")
    ] = None
    note: Annotated[Short | None, Field(description="For those who pack and ship.")] = None


def _numbered_once(lines: list[OrderLine]) -> list[OrderLine]:
    said = [line.line for line in lines if isinstance(line.line, int)]
    if len(set(said)) < len(said):
        raise misfit("line_repeated", say("Each line has a number of its own"))
    return lines


Lines = Annotated[
    list[OrderLine],
    Field(max_length=MOST_LINES, description="Replaced as a whole; lines are known by `line`."),
    AfterValidator(_numbered_once),
]


class PriceTrace(BaseModel):
    """Where a unit price came from when the line was written."""

    source: Annotated[str, OpenEnum(PriceSource)]
    price_book_id: Annotated[
        str | None,
        Field(pattern="^pbk_[0-9a-f]{32}$", examples=["pbk_019a2b7c4d5e7f60a1b2c3d4e5f60718"]),
    ]
    price_entry_id: Annotated[
        str | None,
        Field(pattern="^pre_[0-9a-f]{32}$", examples=["pre_019a2b7c4d5e7f60a1b2c3d4e5f60718"]),
    ]


class OrderLineRead(BaseModel):
    """What is ordered, as product and price were when the line was written."""

    line: Annotated[int, Field(description="Its number in the order.", examples=[1])]
    product_id: ProductId | None
    sku: Annotated[str | None, Field(examples=["F-200"])]
    name: Annotated[str, Field(examples=["Filling machine F-200"])]
    kind: Annotated[str, OpenEnum(ProductKind), Field(description="Goods are shipped.")]
    unit: Annotated[str | None, Field(examples=["pcs"])]
    quantity: Annotated[str, Field(examples=["2"])]
    unit_price: UnitMoney | None
    price: Annotated[PriceTrace, Field(description="Where the unit price came from.")]
    discount_percent: Annotated[str, Field(examples=["10"])]
    discount_amount: Annotated[Money | None, Field(description="As it was sent.")]
    discount: Annotated[Money, Field(description="Off this line alone.")]
    document_discount: Annotated[
        Money, Field(description="The line's share of the discount on the whole order.")
    ]
    tax_class: Annotated[str | None, Field(examples=["standard"])]
    tax_percent: Annotated[
        str | None,
        Field(description="Null where no tax rate was known: no tax then.", examples=["13"]),
    ]
    net: Annotated[Money, Field(description="Less all discounts, without tax.")]
    tax: Money
    total: Annotated[Money, Field(description="`net` and `tax` together.")]
    shipped_quantity: Annotated[str, Field(description="Of shipments.", examples=["0"])]
    returned_quantity: Annotated[str, Field(description="Of returns.", examples=["0"])]
    note: str | None


class OrderTax(BaseModel):
    """The tax at one rate, on all lines that have it."""

    percent: Annotated[str, Field(examples=["13"])]
    net: Money
    tax: Money
