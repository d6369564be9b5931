from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.pipeline.deals.schemas import DealId
from crm_api.features.trade.lines.schemas import Lines, OrderLineRead, OrderTax
from crm_api.features.trade.terms.schemas import (
    INVOICE,
    PAYMENT,
    PRICING,
    SHIPMENT,
    STATUS,
    AmountOff,
    OrderedAt,
    OrderNumber,
    OrderStatus,
    Owner,
    PercentOff,
    PricingMode,
    Reference,
    SourceVersion,
    TaxRegion,
    Text,
    Wanted,
    WithTax,
)
from crm_api.kit.columns import Expanded
from crm_api.kit.hiding import Without
from crm_api.kit.money import Currency, Money, MoneyIn
from crm_api.kit.schema import EntityRead, Input
from crm_api.kit.times import CalendarDate, Timestamp
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.custom_fields.schemas import Custom, CustomPatch
from crm_api.platform.external_ids.schemas import (
    Batch,
    BatchItem,
    ExternalIdAlias,
    ExternalIdAliasRead,
    ExternalIds,
    ExternalIdsPatch,
)
from crm_api.platform.parties.schemas import Address, AddressRead, Source
from crm_api.platform.users.schemas import UserId

from .models import Order
from .resource import ORDER

OrderId = Annotated[UUID, ORDER.prefix]


class _Order(Input):
    """What may be said of an order at any time."""

    kept = frozenset({"lines", "shipping_address", "discount_amount"})

    owner_id: Owner | MISSING | None = MISSING
    lines: Lines | MISSING = MISSING
    discount_percent: PercentOff | MISSING = MISSING
    discount_amount: AmountOff | MISSING | None = MISSING
    prices_include_tax: WithTax | MISSING = MISSING
    tax_region: TaxRegion | MISSING | None = MISSING
    ordered_at: OrderedAt | MISSING = MISSING
    requested_on: (
        Annotated[CalendarDate, Field(description="When the customer wants it.")] | MISSING | None
    ) = MISSING
    source: Source | MISSING | None = MISSING
    customer_reference: Reference | MISSING | None = MISSING
    note: Text | MISSING | None = MISSING
    shipping_address: Address | MISSING | None = MISSING
    custom: CustomPatch | MISSING = MISSING


class _New(_Order):
    number: OrderNumber | MISSING = MISSING
    business_unit_id: (
        Annotated[
            BusinessUnitId,
            Field(description="The unit that sells; the one that you work in, when not sent."),
        ]
        | MISSING
    ) = MISSING
    deal_id: (
        Annotated[
            DealId,
            Field(
                description="The deal that it comes from: what is not sent of the customer, the "
                "unit, the currency and the lines is taken from it."
            ),
        ]
        | MISSING
        | None
    ) = MISSING
    currency: (
        Annotated[Currency, Field(description="Of all its money; the tenant's, when not sent.")]
        | MISSING
    ) = MISSING
    pricing: PricingMode | MISSING = MISSING


class OrderCreate(_New):
    customer_id: CustomerId | MISSING = MISSING
    status: (
        Annotated[
            Literal[OrderStatus.draft, OrderStatus.confirmed],
            Field(description="`confirmed` confirms it at once."),
        ]
        | MISSING
    ) = MISSING
    external_ids: ExternalIds | MISSING = MISSING


class OrderUpdate(_Order):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole.

    Of a draft all may be changed; of a confirmed order what is ordered and for how much, with
    `If-Match`: that makes a new `revision`.
    """

    customer_id: CustomerId | MISSING = MISSING
    number: OrderNumber | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING


class OrderUpsert(_New):
    """A merge patch; an order that is not there yet needs `customer_id`."""

    customer_id: CustomerId | MISSING = MISSING
    status: Wanted | MISSING = MISSING
    cancellation_reason: Text | MISSING = MISSING
    source_version: SourceVersion | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING


class OrderBatchItem(BatchItem[OrderUpsert]):
    """One order as its system sees it."""


class OrderBatch(Batch[OrderBatchItem]):
    """Up to a hundred orders of one system, each created or changed by its external id."""


class OrderRead(EntityRead):
    """What a customer has ordered, what it comes to, and how far it is."""

    table = Order

    id: OrderId
    object: Literal["order"]
    number: Annotated[str, Field(title=say("Number"), examples=["SO20261127-0001"])]
    customer_id: Annotated[CustomerId, Field(title=say("Customer"))]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    owner_id: Annotated[UserId | None, Field(title=say("Owner"))]
    deal_id: Annotated[DealId | None, Field(title=say("Deal"))]
    status: Annotated[str, STATUS, Field(title=say("Status"))]
    revision: Annotated[
        int,
        Field(
            title=say("Revision"),
            description=say("Grows when a confirmed order is changed; see its history."),
            examples=[1],
        ),
    ]
    shipment_status: Annotated[
        str,
        SHIPMENT,
        Field(title=say("Shipment"), description=say("Of its goods; follows from shipments.")),
    ]
    payment_status: Annotated[
        str,
        PAYMENT,
        Field(title=say("Payment"), description=say("Follows from allocated receipts.")),
    ]
    invoice_status: Annotated[
        str, INVOICE, Field(title=say("Invoice"), description=say("Follows from invoices."))
    ]
    pricing: Annotated[str, PRICING]
    currency: Annotated[str, Field(description="ISO 4217 currency.", examples=["CNY"])]
    prices_include_tax: WithTax
    tax_region: Annotated[
        str | None, Field(description="Whose tax rates apply (ISO 3166).", examples=["CN"])
    ]
    lines: list[OrderLineRead]
    discount_percent: Annotated[str, Field(description="As it was sent.", examples=["5"])]
    discount_amount: Annotated[
        Money | None,
        MoneyIn("discount_amount", "currency"),
        Field(description="As it was sent, in place of a percentage."),
    ]
    subtotal: Annotated[
        Money,
        MoneyIn("subtotal", "currency"),
        Field(description="Of all lines, before the discount on the whole order."),
    ]
    discount: Annotated[
        Money, MoneyIn("discount", "currency"), Field(description="Off the whole order.")
    ]
    net: Annotated[
        Money,
        MoneyIn("net", "currency"),
        Field(title=say("Net"), description=say("Less all discounts, without tax.")),
    ]
    tax: Annotated[Money, MoneyIn("tax", "currency"), Field(title=say("Tax"))]
    taxes: Annotated[list[OrderTax], Field(description="The tax by its rates, highest first.")]
    total: Annotated[
        Money,
        MoneyIn("total", "currency"),
        Field(title=say("Total"), description=say("What the customer pays.")),
    ]
    base_total: Annotated[
        Money | None,
        MoneyIn("base_total", "base_currency"),
        Field(
            title=say("Total in the tenant's currency"),
            description=say(
                "By the rate of the day on which it was ordered; the rate stays when the order is "
                "confirmed. Empty where no rate is known."
            ),
        ),
    ]
    exchange_rate: Annotated[
        str | None,
        Field(description="One unit of `total` in `base_total`.", examples=["7.8125"]),
    ]
    paid: Annotated[
        Money,
        MoneyIn("paid", "currency"),
        Field(title=say("Paid"), description=say("Of receipts that are allocated to it.")),
    ]
    ordered_at: Annotated[Timestamp, Field(title=say("Ordered"))]
    requested_on: Annotated[
        CalendarDate | None,
        Field(title=say("Requested"), description=say("When the customer wants it.")),
    ]
    confirmed_at: Annotated[Timestamp | None, Field(title=say("Confirmed"))]
    completed_at: Annotated[Timestamp | None, Field(title=say("Completed"))]
    cancelled_at: Annotated[Timestamp | None, Field(title=say("Cancelled"))]
    cancellation_reason: str | None
    source: Annotated[
        str | None,
        Field(
            title=say("Source"),
            description=say("Where the order came from."),
            examples=["web_shop"],
        ),
    ]
    customer_reference: Annotated[
        str | None,
        Field(
            title=say("Customer's reference"),
            description=say("The customer's own number."),
            examples=["PO-4711"],
        ),
    ]
    note: str | None
    shipping_address: Annotated[AddressRead | None, Field(description="Where it is shipped to.")]
    external_ids: Annotated[dict[str, str], Field(examples=[{"shop": "100048"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    source_versions: Annotated[
        dict[str, int],
        Field(description="The newest that was seen of each system.", examples=[{"shop": 3}]),
    ]
    custom: Annotated[Custom, Without("custom", "order")]
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
