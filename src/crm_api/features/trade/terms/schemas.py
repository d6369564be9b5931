"""How orders are meant, and how far they are: the words of their fields."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from crm_api.features.catalogue.tax_rates.schemas import Region
from crm_api.features.trade.lines.schemas import Share
from crm_api.kit.forms import form
from crm_api.kit.money import Money
from crm_api.kit.schema import Line, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say
from crm_api.platform.users.schemas import UserId

from .rules import MoneyStatus as MoneyStatus
from .rules import OrderStatus as OrderStatus
from .rules import Pricing as Pricing
from .rules import ShipmentStatus as ShipmentStatus
from .rules import reached as reached
from .rules import steps as steps

STATUS = OpenEnum(
    OrderStatus,
    draft=say("Draft"),
    confirmed=say("Confirmed"),
    in_progress=say("In progress"),
    completed=say("Completed"),
    cancelled=say("Cancelled"),
)
PRICING = OpenEnum(Pricing, computed=say("Computed"), given=say("Given"))
SHIPMENT = OpenEnum(
    ShipmentStatus,
    none=say("Not shipped"),
    partial=say("Partly shipped"),
    full=say("Shipped"),
    returned=say("Returned"),
)
PAYMENT = OpenEnum(
    MoneyStatus,
    none=say("Not paid"),
    partial=say("Partly paid"),
    full=say("Paid"),
    over=say("Overpaid"),
)
INVOICE = OpenEnum(
    MoneyStatus,
    none=say("Not invoiced"),
    partial=say("Partly invoiced"),
    full=say("Invoiced"),
    over=say("Invoiced too much"),
)


def _not_negative(money: Money) -> Money:
    if money.value < 0:
        raise misfit("amount_negative", say("Send an amount that is not below zero"))
    return money


OrderNumber = Annotated[
    str,
    form(
        "^[!-~\u3400-\u9fff]+$",
        say("Send visible characters without spaces."),
        max_length=60,
        description="Unique in its business unit; by the unit's number pattern, when not sent.",
        examples=["SO20261127-0001"],
    ),
]
AmountOff = Annotated[
    Money,
    AfterValidator(_not_negative),
    Field(description="Off the whole order, in place of a percentage; spread over its lines."),
]
PercentOff = Annotated[Share, Field(description="Off the whole order; spread over its lines.")]
TaxRegion = Annotated[
    Region,
    Field(
        description="Whose tax rates apply to lines that are sent (ISO 3166): when not sent, the "
        "country that it is shipped to, else that of the unit's legal entity."
    ),
]
WithTax = Annotated[bool, Field(description="Whether unit prices and discounts include tax.")]
PricingMode = Annotated[
    Pricing,
    Field(
        description="`computed`: the totals follow from prices, discounts and tax rates. `given`: "
        "the amounts of the lines rule, as an outside system has reckoned them."
    ),
]
OrderedAt = Annotated[Timestamp, Field(description="When the customer ordered; now, by default.")]
Reference = Annotated[
    Line, Field(max_length=100, description="The customer's own number.", examples=["PO-4711"])
]
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Owner = Annotated[UserId, Field(description="Who looks after the order.")]
SourceVersion = Annotated[
    int,
    Field(
        ge=0,
        le=2**53 - 1,
        description="What the system counts up with each change of the order, such as a version or "
        "milliseconds. What comes with a smaller one than was seen is late, and ignored.",
        examples=[1],
    ),
]
Wanted = Annotated[
    Literal[OrderStatus.draft, OrderStatus.confirmed, OrderStatus.completed, OrderStatus.cancelled],
    Field(
        description="How far the order is, as its system has it: what `confirm`, `complete` and "
        "`cancel` would do is done. An order that is further already stays where it is."
    ),
]
