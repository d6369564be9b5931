from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.trade.fulfilment.schemas import GoodsLines
from crm_api.features.trade.lines.schemas import Short
from crm_api.features.trade.orders.schemas import OrderId, OrderRead
from crm_api.features.trade.terms.schemas import OrderNumber, Text
from crm_api.kit.columns import Expanded
from crm_api.kit.forms import form
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)
from crm_api.platform.parties.schemas import Address, AddressRead

from .models import Shipment, ShipmentState
from .resource import SHIPMENT

ShipmentId = Annotated[UUID, SHIPMENT.prefix]
STATUS = OpenEnum(
    ShipmentState,
    draft=say("Draft"),
    ready=say("Ready to ship"),
    shipped=say("Shipped"),
    delivered=say("Delivered"),
    accepted=say("Accepted by the customer"),
    refused=say("Refused by the customer"),
    failed=say("Not delivered"),
    cancelled=say("Cancelled"),
)
Number = Annotated[OrderNumber, Field(examples=["SH20261127-0001"])]
Carrier = Annotated[Line, Field(max_length=60, description="Who brings it.", examples=["SF"])]
TrackingNumber = Annotated[
    Line, Field(max_length=100, description="The carrier's.", examples=["SF1020304050607"])
]
TrackingUrl = Annotated[
    str,
    form(
        "^https://[!-~]{3,400}$",
        say("Send an address that begins with https://."),
        description="Where people see how far it is.",
        examples=["https://tracking.example/SF1020304050607"],
    ),
]
Goods = Annotated[
    GoodsLines, Field(description="So much of each line; replaced as a whole, until it has left.")
]
Where = Annotated[Address, Field(description="Where it goes.")]
Planned = Annotated[CalendarDate, Field(description="When it is to leave.")]
Reason = Annotated[Text, Field(description="Why.", examples=["Nobody was there"])]


class _Shipment(Input):
    """What may be said of a shipment."""

    kept = frozenset({"lines", "shipping_address"})

    carrier: Carrier | MISSING | None = MISSING
    tracking_number: TrackingNumber | MISSING | None = MISSING
    tracking_url: TrackingUrl | MISSING | None = MISSING
    shipping_address: (
        Annotated[Where, Field(description="Where it goes; as the order says, when not sent.")]
        | MISSING
        | None
    ) = MISSING
    planned_on: Planned | MISSING | None = MISSING
    note: Text | MISSING | None = MISSING


class _New(_Shipment):
    number: Number | MISSING = MISSING
    lines: (
        Annotated[Goods, Field(description="All that is left to ship, when not sent.")] | MISSING
    ) = MISSING
    status: (
        Annotated[
            Literal[ShipmentState.draft, ShipmentState.ready],
            Field(description="How a new one begins; one that is there stays as it is."),
        ]
        | MISSING
    ) = MISSING


class ShipmentCreate(_New):
    order_id: Annotated[OrderId, Field(description="An order that is confirmed.")]
    external_ids: ExternalIds | MISSING = MISSING


class ShipmentUpdate(_Shipment):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole.

    Once it has left, who brings it, how it is tracked and what is noted can still be changed.
    """

    lines: Goods | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING


class ShipmentUpsert(_New):
    """A merge patch; a shipment that is not there yet needs `order_id`."""

    order_id: OrderId | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING


class ShipmentBatchItem(BatchItem[ShipmentUpsert]):
    """One shipment as its system sees it."""


class ShipmentBatch(Batch[ShipmentBatchItem]):
    """Up to a hundred shipments of one system, each created or changed by its external id."""


class ShipmentAcceptance(Input):
    """That the customer has looked at what was delivered, and takes it."""

    accepted_by: Annotated[
        Short | None, Field(description="Who of the customer's has signed.", examples=["王芳"])
    ] = None
    accepted_on: (
        Annotated[CalendarDate, Field(description="Today in the unit's zone, when not sent.")]
        | MISSING
    ) = MISSING
    note: Annotated[Text | None, Field(examples=["One panel is scratched"])] = None


class ShipmentRefusal(Input):
    reason: Annotated[Reason, Field(examples=["Another model than ordered"])]


class ShipmentFailure(Input):
    reason: Reason


class TrackingEvent(Input):
    """Where a shipment was, as its carrier tells."""

    at: Timestamp
    code: Annotated[
        Line, Field(max_length=60, description="The carrier's word.", examples=["in_transit"])
    ]
    description: Annotated[Short | None, Field(examples=["Left the sorting centre"])] = None
    location: Annotated[Short | None, Field(examples=["上海"])] = None


class ShipmentTracking(Input):
    """What a carrier tells; an event is known by its time and its code."""

    events: Annotated[list[TrackingEvent], Field(min_length=1, max_length=50)]


class GoodsLineRead(BaseModel):
    line: Annotated[int, Field(description="The number of the order's line.", examples=[1])]
    quantity: Annotated[str, Field(examples=["2"])]


class TrackingEventRead(BaseModel):
    """Where a shipment was, as its carrier told."""

    at: Timestamp
    code: Annotated[str, Field(examples=["in_transit"])]
    description: str | None
    location: Annotated[str | None, Field(examples=["上海"])]


class ShipmentRead(EntityRead):
    """What is sent to a customer of what was ordered, and how far it is."""

    table = Shipment

    id: ShipmentId
    object: Literal["shipment"]
    number: Annotated[str, Field(examples=["SH20261127-0001"])]
    order_id: OrderId
    customer_id: Annotated[CustomerId, Field(description="The order's.")]
    business_unit_id: Annotated[BusinessUnitId, Field(description="The order's.")]
    status: Annotated[str, STATUS]
    lines: list[GoodsLineRead]
    carrier: Annotated[str | None, Field(examples=["SF"])]
    tracking_number: Annotated[str | None, Field(examples=["SF1020304050607"])]
    tracking_url: Annotated[
        str | None, Field(examples=["https://tracking.example/SF1020304050607"])
    ]
    tracking_events: Annotated[
        list[TrackingEventRead], Field(description="In the order of their times.")
    ]
    shipping_address: Annotated[AddressRead | None, Field(description="Where it goes.")]
    planned_on: Annotated[CalendarDate | None, Field(description="When it is to leave.")]
    note: str | None
    shipped_at: Annotated[
        Timestamp | None, Field(description="When it left; null again once it is to leave anew.")
    ]
    delivered_at: Timestamp | None
    accepted_at: Annotated[Timestamp | None, Field(description="When that was written down.")]
    accepted_by: Annotated[
        str | None, Field(description="Who of the customer's has signed.", examples=["王芳"])
    ]
    accepted_on: CalendarDate | None
    acceptance_note: str | None
    refused_at: Timestamp | None
    refusal_reason: str | None
    failed_at: Annotated[Timestamp | None, Field(description="When it failed last.")]
    failure_reason: str | None
    cancelled_at: Timestamp | None
    external_ids: Annotated[dict[str, str], Field(examples=[{"wms": "100048"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    order: Annotated["OrderRead | MISSING | None", Expanded("order_id")] = MISSING
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
