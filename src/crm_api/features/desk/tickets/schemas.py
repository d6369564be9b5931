from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.customers.schemas import CustomerId, CustomerRead
from crm_api.features.desk.channels.schemas import ChannelId
from crm_api.features.desk.queues.schemas import QueueId
from crm_api.features.desk.sla_policies.schemas import SlaEscalation, SlaPolicyId
from crm_api.features.desk.terms.schemas import (
    CATEGORY,
    CHANNEL,
    CLOSE_REASON,
    COMPLAINT_LEVEL,
    PRIORITY,
    TYPE,
    ComplaintLevel,
    Copies,
    CopyEmails,
    Description,
    Followers,
    Skills,
    Subject,
    Tags,
    TicketChannel,
    TicketLink,
    TicketNumber,
    TicketPriority,
    TicketType,
)
from crm_api.features.desk.ticket_statuses.schemas import TicketStatusId, TicketStatusRead
from crm_api.features.trade.orders.schemas import OrderId, OrderRead
from crm_api.kit.columns import Expanded
from crm_api.kit.hiding import Without
from crm_api.kit.masking import Masked
from crm_api.kit.schema import EntityRead, Input
from crm_api.kit.several_beside import ExpandedAll
from crm_api.kit.times import Timestamp
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
from crm_api.platform.users.schemas import UserId, UserRead

from .models import Ticket
from .resource import TICKET

TicketId = Annotated[UUID, TICKET.prefix]
Requester = Annotated[CustomerId, Field(description="The customer who asks.")]
Contact = Annotated[
    CustomerId, Field(description="The person who speaks for the requester, if that is another.")
]
Level = Annotated[ComplaintLevel, Field(description="How bad it is; of complaints only.")]
ResponsibleUnit = Annotated[
    BusinessUnitId, Field(description="The unit that is complained about; of complaints only.")
]
Waiting = Annotated[
    QueueId, Field(description="Where it waits; where the routing rules say, when not sent.")
]
About = Annotated[OrderId, Field(description="The order that it is about.")]

Aliases = Annotated[
    list[ExternalIdAlias],
    Field(max_length=50, description="Also find the record by these; replaced ids join them."),
]


class _Ticket(Input):
    """What may be said of a ticket at any time."""

    description: Description | MISSING | None = MISSING
    contact_id: Contact | MISSING | None = MISSING
    type: TicketType | MISSING = MISSING
    complaint_level: Level | MISSING | None = MISSING
    responsible_unit_id: ResponsibleUnit | MISSING | None = MISSING
    priority: TicketPriority | MISSING = MISSING
    skills: Skills | MISSING = MISSING
    order_id: About | MISSING | None = MISSING
    follower_ids: Followers | MISSING = MISSING
    cc_ids: Copies | MISSING = MISSING
    cc_emails: CopyEmails | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    custom: CustomPatch | MISSING = MISSING


class _New(_Ticket):
    number: TicketNumber | MISSING = MISSING
    business_unit_id: (
        Annotated[
            BusinessUnitId,
            Field(description="The unit that serves; the one that you work in, when not sent."),
        ]
        | MISSING
    ) = MISSING
    channel: (
        Annotated[TicketChannel, Field(description="How it came; `api`, when not sent.")] | MISSING
    ) = MISSING


class TicketCreate(_New):
    queue_id: Waiting | MISSING = MISSING
    requester_id: Requester
    subject: Subject
    assignee_id: (
        Annotated[UserId, Field(description="Who takes it on; nobody yet, when not sent.")]
        | MISSING
        | None
    ) = MISSING
    status_id: (
        Annotated[
            TicketStatusId, Field(description="Of the category open; the default, when not sent.")
        ]
        | MISSING
    ) = MISSING
    follows_id: (
        Annotated[TicketId, Field(description="The ticket that it goes on from.")] | MISSING
    ) = MISSING
    external_ids: ExternalIds | MISSING = MISSING


class TicketUpdate(_Ticket):
    """A JSON merge patch (RFC 7396): absent keeps, null clears, arrays are replaced whole.

    Operations of their own say who takes it on, and how far it is.
    """

    requester_id: Requester | MISSING = MISSING
    subject: Subject | MISSING = MISSING
    status_id: (
        Annotated[
            TicketStatusId, Field(description="Of the category that the ticket is in already.")
        ]
        | MISSING
    ) = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Aliases | MISSING = MISSING


class TicketUpsert(_New):
    """A merge patch; a ticket that is not there yet needs `requester_id` and `subject`."""

    requester_id: Requester | MISSING = MISSING
    subject: Subject | MISSING = MISSING
    external_ids: ExternalIdsPatch | MISSING = MISSING
    external_id_aliases: Aliases | MISSING = MISSING


class TicketBatchItem(BatchItem[TicketUpsert]):
    """One ticket as its system sees it."""


class TicketBatch(Batch[TicketBatchItem]):
    """Up to a hundred tickets of one system, each created or changed by its external id."""


class TicketEscalationRead(SlaEscalation):
    """A step of the policy that was reached."""

    at: Annotated[Timestamp, Field(description="When it was reached.")]


class TicketRead(EntityRead):
    """What a customer wants of the service desk, and how far it is."""

    table = Ticket

    id: TicketId
    object: Literal["ticket"]
    number: Annotated[str, Field(title=say("Number"), examples=["TIC-2026-000001"])]
    subject: Annotated[str, Field(title=say("Subject"), examples=["The filler leaks"])]
    description: Annotated[str | None, Field(examples=["Since this morning, at the left valve."])]
    requester_id: Annotated[CustomerId, Field(title=say("Requester"))]
    contact_id: Annotated[CustomerId | None, Field(title=say("Contact"))]
    business_unit_id: Annotated[BusinessUnitId, Field(title=say("Business unit"))]
    channel: Annotated[str, CHANNEL, Field(title=say("Channel"))]
    channel_id: Annotated[ChannelId | None, Field(description="The channel that it came by.")]
    type: Annotated[str, TYPE, Field(title=say("Type"))]
    complaint_level: Annotated[
        str | None,
        COMPLAINT_LEVEL,
        Field(title=say("Complaint level"), description=say("How bad it is; of complaints only.")),
    ]
    responsible_unit_id: Annotated[
        BusinessUnitId | None,
        Field(
            title=say("Responsible unit"),
            description=say("The unit that is complained about; of complaints only."),
        ),
    ]
    priority: Annotated[str, PRIORITY, Field(title=say("Priority"))]
    status_id: Annotated[TicketStatusId, Field(title=say("Status"))]
    category: Annotated[
        str, CATEGORY, Field(title=say("Category"), description=say("How far it is."))
    ]
    close_reason: Annotated[str | None, CLOSE_REASON, Field(title=say("Reason for closing"))]
    queue_id: Annotated[QueueId | None, Field(title=say("Queue"))]
    skills: Annotated[list[str], Field(examples=[["hydraulics"]])]
    assignee_id: Annotated[
        UserId | None, Field(title=say("Assignee"), description=say("Who takes it on."))
    ]
    order_id: Annotated[OrderId | None, Field(title=say("Order"))]
    follower_ids: Annotated[
        list[UserId], Field(description="Who else follows it in the group, and sees it.")
    ]
    cc_ids: Annotated[list[CustomerId], Field(description="Customers who are sent copies.")]
    cc_emails: Annotated[
        list[str] | None,
        Masked(),
        Field(
            description="Addresses of others who are sent copies; null for masked keys.",
            examples=[["li.na@example.com"]],
        ),
    ]
    tags: Annotated[list[str], Field(examples=[["warranty"]])]
    snoozed_until: Annotated[
        Timestamp | None,
        Field(title=say("Snoozed until"), description=say("From then on it is open again.")),
    ]
    first_replied_at: Annotated[
        Timestamp | None,
        Field(title=say("First reply"), description=say("When the requester was first answered.")),
    ]
    last_customer_message_at: Annotated[Timestamp | None, Field(title=say("Last customer message"))]
    last_agent_message_at: Annotated[Timestamp | None, Field(title=say("Last reply"))]
    resolved_at: Annotated[
        Timestamp | None,
        Field(title=say("Resolved at"), description=say("Last; empty once it is open again.")),
    ]
    closed_at: Annotated[Timestamp | None, Field(title=say("Closed at"))]
    reopened_count: Annotated[
        int,
        Field(
            title=say("Times reopened"),
            description=say("How often it was open again after it was resolved."),
            examples=[0],
        ),
    ]
    message_count: Annotated[
        int,
        Field(
            title=say("Messages"),
            description=say("How much was said, to customers and by them."),
            examples=[2],
        ),
    ]
    sla_policy_id: Annotated[
        SlaPolicyId | None, Field(description="The policy that its due times follow from.")
    ]
    due_at: Annotated[
        Timestamp | None,
        Field(
            title=say("Due"),
            description=say("When the first of the times that run for it is over."),
        ),
    ]
    escalations: Annotated[
        list[TicketEscalationRead],
        Field(description="What the clocks have called for, the last time that they did."),
    ]
    is_breached: Annotated[
        bool,
        Field(title=say("Breached"), description=say("Whether a time was over before it was met.")),
    ]
    merged_into_id: Annotated[
        TicketId | None, Field(description="The ticket that goes on in its place.")
    ]
    follows_id: Annotated[
        TicketId | None, Field(description="The ticket that it goes on from, such as a closed one.")
    ]
    split_from_id: Annotated[TicketId | None, Field(description="Of which it was a part.")]
    merged_count: Annotated[int, Field(description="How many were merged into it.", examples=[0])]
    links: Annotated[list[TicketLink], Field(description="Tickets that it has to do with.")]
    external_ids: Annotated[dict[str, str], Field(examples=[{"helpdesk": "100048"}])]
    external_id_aliases: list[ExternalIdAliasRead]
    custom: Annotated[Custom, Without("custom", "ticket")]
    requester: Annotated["CustomerRead | MISSING | None", Expanded("requester_id")] = MISSING
    status: Annotated["TicketStatusRead | MISSING | None", Expanded("status_id")] = MISSING
    assignee: Annotated["UserRead | MISSING | None", Expanded("assignee_id")] = MISSING
    order: Annotated["OrderRead | MISSING | None", Expanded("order_id")] = MISSING
    recent_orders: Annotated[
        "list[OrderRead] | MISSING",
        ExpandedAll("requester_id", "orders"),
        Field(description="The 5 orders of the requester that were ordered last;"),
    ] = MISSING
    open_tickets: Annotated[
        "list[TicketRead] | MISSING",
        ExpandedAll("requester_id", "open_tickets"),
        Field(description="The newest 5 other tickets of the requester that are not resolved;"),
    ] = MISSING
