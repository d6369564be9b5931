"""What tickets are about, how urgent they are, and how far: the words of their fields."""

from crm_api.kit.schema import OpenEnum
from crm_api.kit.words import say

from .rules import CloseReason as CloseReason
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
