from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.desk.channels.schemas import ChannelId
from crm_api.features.desk.terms.schemas import (
    CHANNEL,
    Delivery,
    TicketCategory,
    TicketChannel,
)
from crm_api.features.desk.tickets.queries import OfTicketOrMerged
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.masking import Masked
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say
from crm_api.platform.users.schemas import UserId

from .models import Direction, TicketMessage
from .resource import TICKET_MESSAGE

LONGEST = 100_000
DIRECTION = OpenEnum(Direction, in_=say("From the customer"), out=say("From the service desk"))
DELIVERY = OpenEnum(Delivery, queued=say("On its way"), sent=say("Sent"), failed=say("Failed"))
TicketMessageId = Annotated[UUID, TICKET_MESSAGE.prefix]
Text = Annotated[
    str, Field(min_length=1, max_length=LONGEST, description="Plain text, of several lines.")
]
Html = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST,
        description="The same with marks. It is kept as it came: clean it before you show it.",
    ),
]
Channel = Annotated[TicketChannel, Field(description="That of the ticket, when not sent.")]
ExternalId = Annotated[
    Line,
    Field(
        max_length=500,
        description="What the channel calls the message: sent again, it is there once.",
        examples=["<4711@mail.example.com>"],
    ),
]
Then = Annotated[
    Literal[TicketCategory.open, TicketCategory.waiting_customer, TicketCategory.resolved],
    Field(description="How far the ticket is from then on; as far as before, when not sent."),
]


class _Message(Input):
    text: Text
    html: Html | None = None


class TicketNote(_Message):
    """For the service desk only."""


class TicketReply(_Message):
    """For the requester, and for those who are sent copies."""

    channel: Channel | MISSING = MISSING
    then: Then | MISSING = MISSING


class TicketReceipt(_Message):
    """What a customer has written or said."""

    customer_id: (
        Annotated[CustomerId, Field(description="Who wrote; the requester, when not sent.")]
        | MISSING
    ) = MISSING
    channel: Annotated[TicketChannel, Field(description="How it came.")] = TicketChannel.api
    external_id: ExternalId | MISSING = MISSING


class Attachment(BaseModel):
    """What came with a message."""

    name: Annotated[str, Field(examples=["photo.jpg"])]
    content_type: Annotated[str, Field(examples=["image/jpeg"])]
    bytes: Annotated[int, Field(examples=[204800])]


class TicketMessageRead(EntityRead):
    """What was said about a ticket."""

    table = TicketMessage

    id: TicketMessageId
    object: Literal["ticket_message"]
    ticket_id: TicketId
    direction: Annotated[str, DIRECTION]
    is_public: Annotated[bool, Field(description="False for notes, which customers do not see.")]
    customer_id: Annotated[CustomerId | None, Field(description="The customer who wrote it.")]
    user_id: Annotated[
        UserId | None, Field(description="The user who wrote it; null where a key did.")
    ]
    channel: Annotated[str, CHANNEL]
    channel_id: Annotated[ChannelId | None, Field(description="The channel that it came by.")]
    subject: Annotated[str | None, Field(examples=["Re: The filler leaks"])]
    text: Annotated[str, Field(examples=["We are sending somebody."])]
    html: Annotated[
        str | None,
        Field(description="As it came: clean it before you show it.", examples=["<p>We are …</p>"]),
    ]
    external_id: Annotated[
        str | None,
        Field(
            description="What the channel calls the message.", examples=["<4711@mail.example.com>"]
        ),
    ]
    in_reply_to: Annotated[
        str | None, Field(description="What the channel calls the message before.")
    ]
    attachments: list[Attachment]
    address: Annotated[
        str | None,
        Masked(),
        Field(
            description="What it came from, as the channel calls it; null for masked keys.",
            examples=["wang.fang@example.com"],
        ),
    ]
    is_automatic: Annotated[
        bool, Field(description="Whether nobody wrote it, such as that a message has arrived.")
    ]
    delivery: Annotated[
        str | None,
        DELIVERY,
        Field(description="How far it is on its way to the customer; null where none takes it."),
    ]
    delivery_attempts: Annotated[int, Field(examples=[1])]
    delivery_error: Annotated[
        str | None,
        Field(description="What kept the last attempt from it.", examples=["no_connection"]),
    ]
    delivered_at: Annotated[
        Timestamp | None, Field(description="When the next server had taken it.")
    ]


class TicketMessagePage(Page[TicketMessageRead]):
    """One page of what was said about a ticket."""


class MessageQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["created_at"]


class MessagesOf(MessageQuery):
    ticket_id: Annotated[TicketId, OfTicketOrMerged("ticket_id")]
