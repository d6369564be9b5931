from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.billing.allocations.schemas import (
    AboveZero,
    Allocating,
    AllocationRead,
)
from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.trade.orders.schemas import OrderId
from crm_api.features.trade.terms.schemas import OrderNumber, Text
from crm_api.kit.columns import Expanded
from crm_api.kit.money import Money, MoneyIn
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import Timestamp
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
from crm_api.platform.external_ids.schemas import System as Provider
from crm_api.platform.external_ids.schemas import Value as EventId
from crm_api.platform.users.schemas import UserId

from .models import PaymentMethod as PaymentMethod
from .models import Receipt
from .models import ReceiptStatus as ReceiptStatus
from .resource import RECEIPT

ReceiptId = Annotated[UUID, RECEIPT.prefix]
STATUS = OpenEnum(
    ReceiptStatus, draft=say("Draft"), confirmed=say("Confirmed"), reversed=say("Reversed")
)
METHOD = OpenEnum(
    PaymentMethod,
    bank=say("Bank transfer"),
    cash=say("Cash"),
    wechat_pay=say("WeChat Pay"),
    alipay=say("Alipay"),
    card=say("Card"),
    cheque=say("Cheque"),
    acceptance_bill=say("Acceptance bill"),
    other=say("Other"),
)
ReceiptNumber = Annotated[OrderNumber, Field(examples=["RC20261127-0001"])]
Reason = Annotated[
    Text, Field(description="Why it is taken back.", examples=["The cheque bounced"])
]
Amount = Annotated[AboveZero, Field(description="What came in.")]
ReceivedAt = Annotated[Timestamp, Field(description="When the money came in; now, by default.")]
Account = Annotated[
    Line,
    Field(max_length=200, description="Our account that it came to.", examples=["ICBC 0200-1234"]),
]
Payer = Annotated[
    Line, Field(max_length=200, description="Who has paid, as the bank says it.", examples=["旭日"])
]
Handler = Annotated[UserId, Field(description="Who looks after it; who writes it, by default.")]
Reference = Annotated[
    Line, Field(max_length=200, description="The bank's.", examples=["TT-20261127-88"])
]
Planned = Annotated[
    Allocating,
    Field(description="Which orders it pays for once it is confirmed; replaced as a whole."),
]
Begun = Literal[ReceiptStatus.draft, ReceiptStatus.confirmed]


class _Receipt(Input):
    """What may be said of a draft at any time."""

    kept = frozenset({"amount", "allocations"})

    customer_id: CustomerId | MISSING = MISSING
    amount: Amount | MISSING = MISSING
    method: PaymentMethod | MISSING = MISSING
    number: ReceiptNumber | MISSING = MISSING
    received_at: ReceivedAt | MISSING = MISSING
    account: Account | MISSING | None = MISSING
    payer: Payer | MISSING | None = MISSING
    handler_id: Handler | MISSING | None = MISSING
    reference: Reference | MISSING | None = MISSING
    note: Text | MISSING | None = MISSING


class _Of(_Receipt):
    """What a receipt begins with, and keeps."""

    business_unit_id: (
        Annotated[
            BusinessUnitId,
            Field(description="The unit that was paid; the one that you work in, when not sent."),
        ]
        | MISSING
    ) = MISSING
    provider: (
        Annotated[Provider, Field(description="The payment provider who tells of it.")] | MISSING
    ) = MISSING
    provider_event_id: (
        Annotated[
            EventId,
            Field(
                description="What the provider calls its event: one that comes twice is a receipt "
                "once, and 409 the second time."
            ),
        ]
        | MISSING
    ) = MISSING


class ReceiptCreate(_Of):
    customer_id: CustomerId
    amount: Amount
    method: PaymentMethod
    allocations: Planned | MISSING = MISSING
    status: Annotated[Begun, Field(description="`confirmed` confirms it at once.")] | MISSING = (
        MISSING
    )
    external_ids: ExternalIds | MISSING = MISSING


class ReceiptUpdate(_Receipt):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole.

    Of a draft all may be changed; of a confirmed receipt its note and its external ids.
    """

    allocations: Planned | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING


class ReceiptUpsert(_Of):
    """A merge patch; a receipt that is not there yet needs `customer_id`, `amount` and `method`."""

    status: (
        Annotated[
            Begun, Field(description="`confirmed` confirms a draft that is allocated to no order.")
        ]
        | MISSING
    ) = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Annotated[list[ExternalIdAlias], Field(max_length=50)] | MISSING = MISSING


class ReceiptBatchItem(BatchItem[ReceiptUpsert]):
    """One receipt as its system sees it."""


class ReceiptBatch(Batch[ReceiptBatchItem]):
    """Up to a hundred receipts of one system, each created or changed by its external id."""


class _OfOrders(Input):
    def changes(self) -> dict[str, Any]:
        """With ids as the contract has them."""
        return self.model_dump(mode="json")


class ReceiptAllocate(_OfOrders):
    allocations: Annotated[
        Allocating,
        Field(
            min_length=1,
            description="How much more it pays for each order, each order once. A receipt pays for "
            "1,000 orders at most.",
        ),
    ]


class ReceiptDeallocate(_OfOrders):
    order_ids: Annotated[
        list[OrderId],
        Field(
            min_length=1,
            max_length=100,
            description="Those that it pays for no more; one that it does not pay for stays so.",
        ),
    ]


class ReceiptReverse(Input):
    reason: Reason


class ReceiptRead(EntityRead):
    """Money that came in from a customer, and what it pays for."""

    table = Receipt

    id: ReceiptId
    object: Literal["receipt"]
    number: Annotated[str, Field(title=say("Number"), examples=["RC20261127-0001"])]
    customer_id: Annotated[CustomerId, Field(title=say("Customer"))]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    handler_id: Annotated[UserId | None, Field(title=say("Handled by"))]
    status: Annotated[str, STATUS, Field(title=say("Status"))]
    amount: Annotated[
        Money,
        MoneyIn("amount", "currency"),
        Field(
            title=say("Amount"),
            description=say(
                "What came in; below zero on a reversal. Confirmed and reversed ones together are "
                "what has come in."
            ),
        ),
    ]
    allocations: Annotated[
        list[AllocationRead], Field(description="Which orders it pays for, or a draft is to.")
    ]
    allocated: Annotated[
        Money,
        MoneyIn("allocated", "currency"),
        Field(title=say("Allocated"), description=say("Of the amount, to orders.")),
    ]
    unallocated: Annotated[
        Money,
        MoneyIn("unallocated", "currency"),
        Field(
            title=say("Not allocated"),
            description=say("The rest: of a confirmed receipt it is the customer's credit."),
        ),
    ]
    method: Annotated[str, METHOD, Field(title=say("Paid by"))]
    received_at: Annotated[Timestamp, Field(title=say("Received"))]
    account: Annotated[
        str | None, Field(title=say("Account"), description=say("Ours, that it came to."))
    ]
    payer: Annotated[str | None, Field(title=say("Payer"))]
    reference: Annotated[str | None, Field(title=say("Bank reference"))]
    provider: Annotated[
        str | None, Field(title=say("Provider"), description=say("Of payments: who tells of it."))
    ]
    provider_event_id: Annotated[str | None, Field(title=say("Provider's event"))]
    note: str | None
    confirmed_at: Annotated[Timestamp | None, Field(title=say("Confirmed"))]
    reversed_at: Annotated[Timestamp | None, Field(title=say("Reversed"))]
    reversal_reason: str | None
    reverses_id: Annotated[
        ReceiptId | None, Field(description="The receipt that this one takes back.")
    ]
    reversed_by_id: Annotated[
        ReceiptId | None, Field(description="The receipt that takes this one back.")
    ]
    external_ids: Annotated[dict[str, str], Field(examples=[{"bank": "20261127-88"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    customer: Annotated["CustomerRead | MISSING | None", Expanded("customer_id")] = MISSING
