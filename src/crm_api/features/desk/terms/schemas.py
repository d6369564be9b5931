"""What tickets are about, how urgent they are, and how far: the words of their fields."""

from crm_api.kit.schema import OpenEnum
from crm_api.kit.words import say

from .rules import ClockKind as ClockKind
from .rules import ClockState as ClockState
from .rules import CloseReason as CloseReason
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
