"""What follows from what is said about a ticket: pure functions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.desk.handling.schemas import is_reopenable
from crm_api.features.desk.terms.schemas import Delivery, TicketCategory
from crm_api.kit.errors import UnknownReference

from .models import Direction

Fields = Mapping[str, Any]
UNSAID: Fields = {
    **dict.fromkeys(
        "customer_id user_id channel channel_id subject html external_id in_reply_to address "
        "delivery delivery_error delivered_at".split()
    ),
    "attachments": [],
    "is_automatic": False,
    "delivery_attempts": 0,
}
"""A message of which nothing is said."""


def ours(said: Fields, user: UUID | None) -> dict[str, Any]:
    """What the service desk writes: a note, where nothing else is said."""
    return {**UNSAID, "is_public": False, **said, "user_id": user, "direction": Direction.out}


def theirs(id: UUID, said: Fields) -> dict[str, Any]:
    """What a customer writes."""
    return {"id": id, **UNSAID, **said, "direction": Direction.in_, "is_public": True}


def of_ticket(ticket: Fields, made: Fields) -> dict[str, Any]:
    """A message about a ticket: what is not said of it is as the ticket has it."""
    comes_in = made["direction"] == Direction.in_
    channel = made["channel"] or ticket["channel"]
    writer = made["customer_id"] or (ticket["requester_id"] if comes_in else None)
    same = made["is_public"] and not comes_in and channel == ticket["channel"]
    way = made["channel_id"] or (ticket["channel_id"] if same else None)
    named = {"ticket_id": ticket["id"], "channel": channel, "channel_id": way}
    return {**made, **named, "customer_id": writer}


def leaves(message: Fields) -> bool:
    """Whether a channel takes it to the customer, if it has a way out."""
    is_ours = message["direction"] == Direction.out and message["is_public"]
    return is_ours and message["channel_id"] is not None


def queued(message: Fields) -> dict[str, Any]:
    return {**message, "delivery": Delivery.queued}


def begins(made: Fields, now: datetime) -> dict[str, Any]:
    """What a new ticket has of the message that it begins with."""
    of = {name: made[name] for name in ("channel", "channel_id")}
    return {**of, "last_customer_message_at": now, "message_count": 1}


def writer(said: Fields) -> dict[str, UUID]:
    """The customer who is named, by where that stands in a body."""
    id = said.get("customer_id")
    return {"/customer_id": id} if id else {}


def answered(ticket: Fields, now: datetime) -> dict[str, Any]:
    """The columns of a ticket whose requester was answered."""
    first = ticket["first_replied_at"]
    counted = {"message_count": ticket["message_count"] + 1}
    return {"first_replied_at": first or now, "last_agent_message_at": now, **counted}


def heard(ticket: Fields, now: datetime) -> dict[str, Any]:
    """The columns of a ticket to which a customer has written."""
    return {"last_customer_message_at": now, "message_count": ticket["message_count"] + 1}


def goes_on_elsewhere(ticket: Fields, days: int, now: datetime) -> bool:
    """Whether what the customer writes belongs to another ticket: this one is closed, or was
    resolved too long ago."""
    if ticket["category"] == TicketCategory.closed:
        return True
    is_resolved = ticket["category"] == TicketCategory.resolved
    return is_resolved and not is_reopenable(ticket, days, now)


def check_there(ids: Collection[UUID], found: Collection[UUID]) -> None:
    """Raises UnknownReference, by where they stand in a body."""
    lost = [f"/message_ids/{place}" for place, id in enumerate(ids) if id not in found]
    if lost:
        raise UnknownReference(*lost)
