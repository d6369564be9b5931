"""What deals are made of: the people, the products, who else wants it, whose it is."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, model_validator

from crm_api.features.catalogue.products.schemas import ProductId
from crm_api.features.customers.schemas import CustomerId
from crm_api.features.pipeline.pipelines.schemas import ItemKey
from crm_api.kit.forms import form
from crm_api.kit.money import Money, UnitMoney
from crm_api.kit.schema import Input, Line, OpenEnum
from crm_api.kit.words import misfit, say
from crm_api.platform.users.schemas import UserId

from .rules import people as people

MOST_CONTACTS, MOST_PRODUCTS, MOST_COMPETITORS, MOST_SPLITS = 50, 200, 20, 20
PARTS = ("contacts", "products", "competitors", "splits")
Short = Annotated[Line, Field(max_length=200)]
Quantity = Annotated[
    str,
    form(
        "^([1-9][0-9]{0,8}([.][0-9]{1,3})?|0[.](00[1-9]|0[1-9][0-9]?|[1-9][0-9]{0,2}))$",
        say("Send a number above zero as text, such as 12 or 0.5."),
        examples=["12"],
    ),
]
Share = Annotated[
    str,
    form(
        "^(100([.]0{1,2})?|[1-9]?[0-9]([.][0-9]{1,2})?)$",
        say("Send percents from 0 to 100 as text, such as 12.5."),
        examples=["50"],
    ),
]


class ContactRole(StrEnum):
    decision_maker = "decision_maker"
    economic_buyer = "economic_buyer"
    technical_buyer = "technical_buyer"
    champion = "champion"
    influencer = "influencer"
    user = "user"
    gatekeeper = "gatekeeper"
    other = "other"


class SplitKind(StrEnum):
    revenue = "revenue"
    credit = "credit"


class DealContact(Input):
    """Somebody on the customer's side, and what part he has."""

    customer_id: CustomerId
    role: ContactRole = ContactRole.other
    is_primary: bool = False


class DealProduct(Input):
    """What is to be sold, at what price."""

    product_id: ProductId | None = None
    name: Annotated[
        Short | None, Field(description="The product's, when not sent; needed without one.")
    ] = None
    sku: Annotated[Line, Field(max_length=60)] | None = None
    quantity: Quantity = "1"
    unit_price: UnitMoney
    discount_percent: Share = "0"

    @model_validator(mode="after")
    def _is_named(self) -> "DealProduct":
        if self.name is None and self.product_id is None:
            raise misfit("product_unnamed", say("Name what is to be sold, or send a product"))
        return self


class Competitor(Input):
    """Who else wants the deal."""

    name: Short
    strengths: Short | None = None
    weaknesses: Short | None = None


class Split(Input):
    """What share of the deal is whose; the shares of a kind are 100 % together."""

    kind: SplitKind = SplitKind.revenue
    user_id: UserId
    percent: Share


def _people_once(contacts: list[DealContact]) -> list[DealContact]:
    if len({contact.customer_id for contact in contacts}) < len(contacts):
        raise misfit("contact_repeated", say("Each contact stands in a deal once"))
    if sum(contact.is_primary for contact in contacts) > 1:
        raise misfit("two_primary", say("One contact is the primary one"))
    return contacts


def _one_currency(products: list[DealProduct]) -> list[DealProduct]:
    if len({product.unit_price.currency for product in products}) > 1:
        raise misfit("two_currencies", say("The products of a deal have one currency"))
    return products


def _whole(splits: list[Split]) -> list[Split]:
    shares: dict[str, list[Split]] = {}
    for split in splits:
        shares.setdefault(split.kind, []).append(split)
    for of_kind in shares.values():
        if len({split.user_id for split in of_kind}) < len(of_kind):
            raise misfit("user_repeated", say("Each user has one share of a kind"))
        if sum(Decimal(split.percent) for split in of_kind) != 100:
            raise misfit("not_whole", say("The shares of a kind are 100 % together"))
    return splits


Contacts = Annotated[
    list[DealContact], Field(max_length=MOST_CONTACTS), AfterValidator(_people_once)
]
Products = Annotated[
    list[DealProduct],
    Field(max_length=MOST_PRODUCTS, description="Where there are some, they make `amount`."),
    AfterValidator(_one_currency),
]
Competitors = Annotated[list[Competitor], Field(max_length=MOST_COMPETITORS)]
Splits = Annotated[list[Split], Field(max_length=MOST_SPLITS), AfterValidator(_whole)]
Checklist = Annotated[
    dict[ItemKey, bool],
    Field(
        max_length=100,
        description="Items of its pipeline's stages, by their keys; false is not done.",
        examples=[{"budget_confirmed": True}],
    ),
]


def _not_negative(money: Money) -> Money:
    if money.value < 0:
        raise misfit("amount_negative", say("Send an amount that is not below zero"))
    return money


Worth = Annotated[Money, AfterValidator(_not_negative)]


class DealContactRead(BaseModel):
    """Somebody on the customer's side, and what part he has."""

    customer_id: CustomerId
    role: Annotated[str, OpenEnum(ContactRole)]
    is_primary: Annotated[bool, Field(description="Whom to speak to first.")]


class DealProductRead(BaseModel):
    """What is to be sold, at what price."""

    product_id: ProductId | None
    name: Annotated[str, Field(examples=["Filling machine F-200"])]
    sku: Annotated[str | None, Field(examples=["F-200"])]
    quantity: Annotated[str, Field(examples=["2"])]
    unit_price: UnitMoney
    discount_percent: Annotated[str, Field(examples=["10"])]
    amount: Annotated[
        Money, Field(description="Of all of them, less the discount, rounded half up.")
    ]


class CompetitorRead(BaseModel):
    """Who else wants the deal."""

    name: Annotated[str, Field(examples=["Northwind"])]
    strengths: str | None
    weaknesses: str | None


class SplitRead(BaseModel):
    """What share of the deal is whose."""

    kind: Annotated[str, OpenEnum(SplitKind)]
    user_id: UserId
    percent: Annotated[str, Field(examples=["50"])]
