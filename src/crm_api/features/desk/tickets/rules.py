"""What becomes of a ticket as it is made and changed: pure functions."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_api.features.desk.terms.schemas import (
    TicketCategory,
    TicketChannel,
    TicketPriority,
    TicketType,
)
from crm_api.features.trade.orders.resource import ORDER
from crm_api.kit.words import say
from crm_api.platform.external_ids.rules import known_as

from .errors import IncompleteTicket, UnfitTicket

WRITE = "tickets:write"
Fields = Mapping[str, Any]
NEEDED = ("requester_id", "subject")
OF_COMPLAINTS = ("complaint_level", "responsible_unit_id")
NEW: Fields = {
    **dict.fromkeys(
        "description contact_id channel_id complaint_level responsible_unit_id close_reason "
        "queue_id agent_id assignee_id order_id snoozed_until first_replied_at "
        "last_customer_message_at last_agent_message_at resolved_at closed_at sla_policy_id "
        "due_at merged_into_id follows_id".split()
    ),
    "channel": TicketChannel.api,
    "type": TicketType.question,
    "priority": TicketPriority.normal,
    "category": TicketCategory.open,
    "skills": [],
    "tags": [],
    "clocks": [],
    "external_ids": {},
    "external_id_aliases": [],
}
"""A ticket of which nothing is said."""


def begun(sent: Fields) -> dict[str, Any]:
    """A new ticket. Raises IncompleteTicket, UnfitTicket."""
    if lacking := [name for name in NEEDED if not sent.get(name)]:
        raise IncompleteTicket(*lacking)
    return {**NEW, **sent, **columns(NEW, sent)}


def columns(before: Fields, sent: Fields) -> dict[str, Any]:
    """What was sent, as columns have it. Raises UnfitTicket."""
    listed = {name: each_once(sent[name]) for name in ("tags", "skills") if name in sent}
    values = {**sent, **listed, **known_as(before, sent)}
    _check_complaint({**before, **values})
    return values


def _check_complaint(ticket: Fields) -> None:
    if ticket["type"] == TicketType.complaint:
        return
    for name in OF_COMPLAINTS:
        if ticket[name] is not None:
            raise UnfitTicket(f"/{name}", "no_complaint", say("Only complaints have it."))


def each_once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def newly(name: str, before: Fields, sent: Fields) -> dict[str, UUID]:
    """Whom a ticket names, if it did not before, by where that stands in the body."""
    id = sent.get(name)
    return {} if id is None or before.get(name) == id else {f"/{name}": id}


def customers_in(before: Fields, sent: Fields) -> dict[str, UUID]:
    return {**newly("requester_id", before, sent), **newly("contact_id", before, sent)}


def orders_in(before: Fields, sent: Fields) -> dict[str, str]:
    """As the contract has their ids."""
    found = newly("order_id", before, sent)
    return {place: ORDER.prefix.write(id) for place, id in found.items()}
