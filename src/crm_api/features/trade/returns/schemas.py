from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.trade.fulfilment.schemas import EACH_ONCE, MANY, GoodsLine, GoodsLines
from crm_api.features.trade.lines.schemas import Short
from crm_api.features.trade.orders.schemas import OrderId, OrderRead
from crm_api.features.trade.terms.schemas import OrderNumber, Text
from crm_api.kit.columns import Expanded
from crm_api.kit.money import Money, MoneyIn
from crm_api.kit.schema import EntityRead, Input, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import Return, ReturnState
from .resource import RETURN

ReturnId = Annotated[UUID, RETURN.prefix]
STATUS = OpenEnum(
    ReturnState,
    requested=say("Asked for"),
    approved=say("Approved"),
    rejected=say("Rejected"),
    partially_received=say("Partly received"),
    received=say("Received"),
    closed=say("Concluded"),
)
Number = Annotated[OrderNumber, Field(examples=["RT20261127-0001"])]
Reason = Annotated[Text, Field(description="Why it comes back.", examples=["Wrong colour"])]


class ReturnLine(GoodsLine):
    """So much of a line of the order comes back."""

    reason: Annotated[
        Short | None, Field(description="Why this comes back.", examples=["Scratched"])
    ] = None


ReturnLines = Annotated[list[ReturnLine], MANY, EACH_ONCE]


class ReturnCreate(Input):
    kept = frozenset({"lines"})

    order_id: Annotated[
        OrderId, Field(description="An order of which something was shipped or handed over.")
    ]
    number: Number | MISSING = MISSING
    lines: ReturnLines
    reason: Reason | None = None
    note: Text | None = None


class ReturnUpdate(Input):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole.

    Once it is decided on, what is noted can still be changed.
    """

    lines: ReturnLines | MISSING = MISSING
    reason: Reason | MISSING | None = MISSING
    note: Text | MISSING | None = MISSING


class ReturnRejection(Input):
    reason: Annotated[Text, Field(description="Why.", examples=["Used for a year"])]


class ReturnReceipt(Input):
    """What has arrived."""

    lines: (
        Annotated[GoodsLines, Field(description="All that has not yet, when not sent.")] | None
    ) = None


class ReturnLineRead(BaseModel):
    """What comes back of a line of the order, and what that bears of the line's money."""

    line: Annotated[int, Field(description="The number of the order's line.", examples=[1])]
    quantity: Annotated[str, Field(examples=["2"])]
    reason: Annotated[str | None, Field(examples=["Scratched"])]
    net: Annotated[
        Money, Field(description="Of `quantity`; of what has not arrived, as it is expected.")
    ]
    tax: Money
    total: Annotated[Money, Field(description="`net` and `tax` together.")]
    received_quantity: Annotated[str, Field(examples=["1"])]
    received_net: Annotated[
        Money,
        Field(description="Of `received_quantity`: all that comes back of a line sums up to it."),
    ]
    received_tax: Money
    received_total: Money


class ReturnRead(EntityRead):
    """What a customer gives back of what he has, and what of it has arrived."""

    table = Return

    id: ReturnId
    object: Literal["return"]
    number: Annotated[str, Field(examples=["RT20261127-0001"])]
    order_id: OrderId
    customer_id: Annotated[CustomerId, Field(description="The order's.")]
    business_unit_id: Annotated[BusinessUnitId, Field(description="The order's.")]
    status: Annotated[str, STATUS]
    reason: Annotated[
        str | None, Field(description="Why it comes back.", examples=["Wrong colour"])
    ]
    note: str | None
    currency: Annotated[str, Field(description="The order's (ISO 4217).", examples=["CNY"])]
    lines: list[ReturnLineRead]
    received_net: Annotated[
        Money, MoneyIn("received_net", "currency"), Field(description="Of all that has arrived.")
    ]
    received_tax: Annotated[Money, MoneyIn("received_tax", "currency")]
    received_total: Annotated[
        Money,
        MoneyIn("received_total", "currency"),
        Field(description="What the customer paid, or was to pay, for what has arrived."),
    ]
    approved_at: Timestamp | None
    rejected_at: Timestamp | None
    rejection_reason: str | None
    received_at: Annotated[Timestamp | None, Field(description="When something arrived last.")]
    closed_at: Timestamp | None
    order: Annotated["OrderRead | MISSING | None", Expanded("order_id")] = MISSING
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
