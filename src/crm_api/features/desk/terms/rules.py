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


class ComplaintLevel(StrEnum):
    minor = "minor"
    major = "major"
    critical = "critical"


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
