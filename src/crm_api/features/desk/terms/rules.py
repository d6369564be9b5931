"""How tickets are meant, and how far they are."""

from enum import StrEnum

from crm_api.kit.machines import Machine, Transition
from crm_api.kit.words import say


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


class Delivery(StrEnum):
    """How far a message is on its way to the customer."""

    queued = "queued"
    sent = "sent"
    failed = "failed"


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


class LinkKind(StrEnum):
    relates_to = "relates_to"
    blocks = "blocks"
    blocked_by = "blocked_by"
    duplicates = "duplicates"
    duplicated_by = "duplicated_by"
    causes = "causes"
    caused_by = "caused_by"


WAITING = (TicketCategory.waiting_customer, TicketCategory.waiting_third_party)
UNSOLVED = (TicketCategory.open, *WAITING)
HANDLED = Machine(
    TicketCategory.open,
    (
        Transition("wait", UNSOLVED, WAITING),
        Transition("snooze", UNSOLVED, WAITING),
        Transition("resume", WAITING, TicketCategory.open),
        Transition("resolve", UNSOLVED, TicketCategory.resolved),
        Transition("close", (*UNSOLVED, TicketCategory.resolved), TicketCategory.closed),
        Transition("merge", (*UNSOLVED, TicketCategory.resolved), TicketCategory.closed),
        Transition(
            "reopen",
            TicketCategory.resolved,
            TicketCategory.open,
            say("For as many days as the tenant has settled."),
        ),
        Transition(
            say("The customer writes."),
            (*WAITING, TicketCategory.resolved),
            TicketCategory.open,
        ),
        Transition(
            say("It was snoozed until now."),
            WAITING,
            TicketCategory.open,
        ),
    ),
)
"""What becomes of tickets."""


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
