"""What tickets are about, how urgent they are, and how far: the words of their fields."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.forms import form
from crm_api.kit.ids import Prefix
from crm_api.kit.schema import Line, OpenEnum
from crm_api.kit.words import say
from crm_api.platform.parties.schemas import Email
from crm_api.platform.users.schemas import UserId

from .rules import HANDLED as HANDLED
from .rules import UNSOLVED as UNSOLVED
from .rules import WAITING as WAITING
from .rules import ClockKind as ClockKind
from .rules import ClockState as ClockState
from .rules import CloseReason as CloseReason
from .rules import ComplaintLevel as ComplaintLevel
from .rules import Delivery as Delivery
from .rules import LinkKind as LinkKind
from .rules import StepAction as StepAction
from .rules import TicketCategory as TicketCategory
from .rules import TicketChannel as TicketChannel
from .rules import TicketPriority as TicketPriority
from .rules import TicketType as TicketType

CATEGORY = OpenEnum(
    TicketCategory,
    open=say("Open"),
    waiting_customer=say("Waiting for the customer"),
    waiting_third_party=say("Waiting for a third party"),
    resolved=say("Resolved"),
    closed=say("Closed"),
)
PRIORITY = OpenEnum(
    TicketPriority, low=say("Low"), normal=say("Normal"), high=say("High"), urgent=say("Urgent")
)
TYPE = OpenEnum(
    TicketType,
    question=say("Question"),
    problem=say("Problem"),
    request=say("Request"),
    complaint=say("Complaint"),
)
CHANNEL = OpenEnum(
    TicketChannel,
    api=say("API"),
    email=say("E-mail"),
    web_form=say("Web form"),
    web_chat=say("Web chat"),
    wechat=say("WeChat"),
    phone=say("Telephone"),
)
CLOSE_REASON = OpenEnum(
    CloseReason, resolved=say("Resolved"), merged=say("Merged"), spam=say("Spam")
)
COMPLAINT_LEVEL = OpenEnum(
    ComplaintLevel, minor=say("Minor"), major=say("Major"), critical=say("Critical")
)
Subject = Annotated[
    Line, Field(max_length=300, description="What it is about.", examples=["The filler leaks"])
]
Description = Annotated[
    str, Field(min_length=1, max_length=10_000, description="May have several lines.")
]
Tags = Annotated[
    list[Annotated[Line, Field(max_length=60, examples=["warranty"])]],
    Field(max_length=100, description="Each tag once, in your order."),
]
Skills = Annotated[
    list[Annotated[Line, Field(max_length=60, examples=["hydraulics"])]],
    Field(max_length=50, description="What whoever takes it on must know."),
]
TicketNumber = Annotated[
    str,
    form(
        "^[!-~\u3400-\u9fff]+$",
        say("Send visible characters without spaces."),
        max_length=60,
        description="Unique in its business unit; by the unit's number pattern, when not sent.",
        examples=["TIC-2026-000001"],
    ),
]
MOST_PARTICIPANTS = 50
Followers = Annotated[
    list[UserId],
    Field(
        max_length=MOST_PARTICIPANTS,
        description="Who else follows it in the group, and sees it; each once. Of a new ticket, "
        "when not sent: whoever makes it.",
    ),
]
Copies = Annotated[
    list[CustomerId],
    Field(
        max_length=MOST_PARTICIPANTS,
        description="Customers who are sent copies of what is said; each once.",
    ),
]
CopyEmails = Annotated[
    list[Email],
    Field(
        max_length=MOST_PARTICIPANTS,
        description="Addresses of others who are sent copies; each once.",
    ),
]
CLOCK = OpenEnum(
    ClockKind,
    first_response=say("First response"),
    next_response=say("Next response"),
    resolution=say("Resolution"),
)
CLOCK_STATE = OpenEnum(
    ClockState,
    running=say("Running"),
    paused=say("Paused"),
    met=say("Met"),
    breached=say("Breached"),
    met_late=say("Met late"),
    cancelled=say("Cancelled"),
)
STEP_ACTION = OpenEnum(
    StepAction,
    notify=say("Notify"),
    reassign=say("Reassign"),
    raise_priority=say("Raise the priority"),
)
LINK = OpenEnum(
    LinkKind,
    relates_to=say("Relates to"),
    blocks=say("Blocks"),
    blocked_by=say("Blocked by"),
    duplicates=say("Duplicates"),
    duplicated_by=say("Duplicated by"),
    causes=say("Causes"),
    caused_by=say("Caused by"),
)


class TicketLink(BaseModel):
    """Another ticket, and what this one has to do with it."""

    ticket_id: Annotated[UUID, Prefix("tic")]
    kind: Annotated[str, LINK]
