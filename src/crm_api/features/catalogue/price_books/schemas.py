from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field

from crm_api.features.catalogue.product_categories.schemas import ProductCategoryId
from crm_api.features.catalogue.products.schemas import ProductKind
from crm_api.features.customers.schemas import CustomerId
from crm_api.features.profiles.grade_schemes.schemas import GradeCode
from crm_api.kit.forms import form
from crm_api.kit.masking import Instead
from crm_api.kit.money import Currency, DecimalText
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.times import CalendarDate
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import PriceBook, PriceBookState, RoundingMode
from .models import RuleBase as RuleBase
from .resource import PRICE_BOOK
from .rules import MOST_RULES
from .rules import PriceRule as PriceRule
from .rules import read_rules as read_rules

PriceBookId = Annotated[UUID, PRICE_BOOK.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["Dealers 2027"])]
Code = Annotated[
    Line,
    Field(
        max_length=60,
        description="What the group's other systems call it; unique among all price books.",
        examples=["DEALERS-27"],
    ),
]
ParentId = Annotated[
    PriceBookId,
    Field(
        description="The book to look in where this one says nothing of a product: of the same "
        "currency, and with prices that include tax as this one's do."
    ),
]
OfUnit = Annotated[
    BusinessUnitId, Field(description="For what this unit sells, and those below; null for all.")
]
OfGrade = Annotated[
    GradeCode, Field(description="For customers to whom the selling unit has given this grade.")
]
OfCustomer = Annotated[CustomerId, Field(description="For this customer alone: contract prices.")]
FromOn = Annotated[
    CalendarDate, Field(description="In force from this day; null for as long as you like.")
]
UntilOn = Annotated[
    CalendarDate,
    Field(
        description="In force until before this day; null for ever.",
        examples=["2028-01-01"],
    ),
]
IncludeTax = Annotated[
    bool, Field(description="Whether its prices include tax; for life, as its currency is.")
]
IsDefault = Annotated[
    bool,
    Field(
        description="Looked in after all others, for whatever has no price yet; of a currency one "
        "live book is. It is for all units and customers."
    ),
]
RulePercent = Annotated[
    str,
    form(
        "^(-?(0|[1-9][0-9]?)([.][0-9]{1,4})?|-100|[1-9][0-9]{2}([.][0-9]{1,4})?|1000)$",
        say("Send percents from -100 to 1000 as text, such as -12.5."),
        description="What is added to the base: -10 takes off a tenth of it.",
        examples=["-10"],
    ),
]
Positive = "(0[.][0-9]{0,5}[1-9]|[1-9][0-9]{0,8}([.][0-9]{1,6})?)"
Step = Annotated[
    str,
    form(
        f"^{Positive}$",
        say("Send a number above zero as text, such as 0.05, without needless zeros."),
        description="Prices are multiples of it.",
        examples=["0.05"],
    ),
]
Ending = Annotated[
    str,
    form(
        f"^{Positive}$",
        say("Send a number above zero as text, such as 0.05, without needless zeros."),
        description="What prices have beyond such a multiple: less than `to`. With `to` 1 and "
        "`ending` 0.99 they are 0.99, 1.99 and so on.",
        examples=["0.99"],
    ),
]
Plus = Annotated[
    DecimalText,
    Field(description="Added after `percent`, in the book's currency; below zero it is taken off."),
]
OfCategory = Annotated[
    ProductCategoryId, Field(description="For products in this category, and in those below it.")
]


class PriceRounding(Input):
    """How a price is rounded that a rule has made."""

    to: Step
    mode: RoundingMode = RoundingMode.half_up
    ending: Ending | None = None


def _ends_within(rounding: PriceRounding) -> PriceRounding:
    if rounding.ending is not None and Decimal(rounding.ending) >= Decimal(rounding.to):
        raise misfit("ending_too_large", say("Send an ending that is less than `to`"))
    return rounding


class PriceRuleInput(Input):
    """A price for products of which no entry says one."""

    category_id: OfCategory | None = None
    kind: Annotated[ProductKind | None, Field(description="For products of this kind.")] = None
    base: Annotated[
        RuleBase,
        Field(
            description="What the price is made from: the price that there would be without this "
            "book, the product's list price, or its unit cost."
        ),
    ]
    percent: RulePercent = "0"
    plus: Plus | None = None
    rounding: Annotated[PriceRounding, AfterValidator(_ends_within)] | None = None


Rules = Annotated[
    list[PriceRuleInput],
    Field(
        max_length=MOST_RULES,
        description="For products without an entry: the first that fits makes the price.",
    ),
]


class _PriceBook(Input):
    def changes(self) -> dict[str, Any]:
        """Its rules as they are kept."""
        return self.model_dump() | self.model_dump(mode="json", include={"rules"})


class PriceBookCreate(_PriceBook):
    name: Name
    code: Code
    currency: Currency
    parent_id: ParentId | None = None
    business_unit_id: OfUnit | None = None
    grade: OfGrade | None = None
    customer_id: OfCustomer | None = None
    valid_from_on: FromOn | None = None
    valid_until_on: UntilOn | None = None
    prices_include_tax: IncludeTax = False
    is_default: IsDefault = False
    rules: Rules = []


class PriceBookUpdate(_PriceBook):
    """For another currency, or prices that include tax or do not, make another book."""

    name: Name | MISSING = MISSING
    code: Code | MISSING = MISSING
    parent_id: ParentId | MISSING | None = MISSING
    business_unit_id: OfUnit | MISSING | None = MISSING
    grade: OfGrade | MISSING | None = MISSING
    customer_id: OfCustomer | MISSING | None = MISSING
    valid_from_on: FromOn | MISSING | None = MISSING
    valid_until_on: UntilOn | MISSING | None = MISSING
    is_default: IsDefault | MISSING = MISSING
    rules: Rules | MISSING = MISSING


class PriceRoundingRead(BaseModel):
    """How a price is rounded that a rule has made."""

    to: Annotated[str, Field(description="Prices are multiples of it.", examples=["0.05"])]
    mode: Annotated[str, OpenEnum(RoundingMode)]
    ending: Annotated[
        str | None,
        Field(description="What prices have beyond such a multiple.", examples=["0.99"]),
    ]


class PriceRuleRead(BaseModel):
    """A price for products of which no entry says one."""

    category_id: Annotated[
        ProductCategoryId | None,
        Field(description="For products in this category, and in those below it."),
    ]
    kind: Annotated[
        str | None, OpenEnum(ProductKind), Field(description="For products of this kind.")
    ]
    base: Annotated[str, OpenEnum(RuleBase), Field(description="What the price is made from.")]
    percent: Annotated[str, Field(description="What is added to the base.", examples=["-10"])]
    plus: Annotated[
        str | None, Field(description="Added then, in the book's currency.", examples=["2.50"])
    ]
    rounding: PriceRoundingRead | None


class PriceBookRead(EntityRead):
    """Prices of one currency: for everybody, or for units, grades or one customer."""

    table = PriceBook
    ruled = {"rules": "rules"}

    id: PriceBookId
    object: Literal["price_book"]
    name: Annotated[str, Field(examples=["Dealers 2027"])]
    code: Annotated[str, Field(examples=["DEALERS-27"])]
    currency: Annotated[str, Field(description="ISO 4217 currency.", examples=["CNY"])]
    parent_id: Annotated[
        PriceBookId | None, Field(description="Where to look for what this book says nothing of.")
    ]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="For what this unit sells, and those below.")
    ]
    grade: Annotated[
        str | None, Field(description="For customers of this grade in their unit.", examples=["A"])
    ]
    customer_id: Annotated[CustomerId | None, Field(description="For this customer alone.")]
    valid_from_on: FromOn | None
    valid_until_on: UntilOn | None
    prices_include_tax: IncludeTax
    is_default: Annotated[bool, Field(description="Looked in after all others.")]
    rules: Annotated[
        list[PriceRuleRead],
        Instead("[]"),
        Field(
            description="For products without an entry: the first that fits makes the price. Roles "
            "may hide them, as they may tell of costs; then the list is empty."
        ),
    ]
    state: Annotated[str, live_or_archived(PriceBookState)]
