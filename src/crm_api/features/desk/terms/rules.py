"""How tickets are meant, and how far they are."""

from enum import StrEnum


class TicketCategory(StrEnum):
    open = "open"
    waiting_customer = "waiting_customer"
    waiting_third_party = "waiting_third_party"
    resolved = "resolved"
    closed = "closed"


class TicketPriority(StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class TicketType(StrEnum):
    question = "question"
    problem = "problem"
    request = "request"
    complaint = "complaint"


class TicketChannel(StrEnum):
    api = "api"
    email = "email"
    web_form = "web_form"
    web_chat = "web_chat"
    wechat = "wechat"
    phone = "phone"


class CloseReason(StrEnum):
    resolved = "resolved"
    merged = "merged"
    spam = "spam"


class ClockKind(StrEnum):
    first_response = "first_response"
    next_response = "next_response"
    resolution = "resolution"


class ClockState(StrEnum):
    running = "running"
    paused = "paused"
    met = "met"
    breached = "breached"
    met_late = "met_late"
    cancelled = "cancelled"


class StepAction(StrEnum):
    notify = "notify"
    reassign = "reassign"
    raise_priority = "raise_priority"
