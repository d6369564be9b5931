"""What becomes of a ticket as it is made and changed: pure functions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.desk.terms.schemas import (
    TicketCategory,
    TicketChannel,
    TicketPriority,
    TicketType,
)
from crm_api.features.trade.orders.resource import ORDER
from crm_api.kit.words import say
from crm_api.platform.external_ids.rules import known_as
from crm_api.platform.users.listed import newly as newly_listed
from crm_api.platform.users.resource import USER

from .errors import IncompleteTicket, SettledTicket, UnfitTicket
from .resource import TICKET

WRITE = "tickets:write"
Fields = Mapping[str, Any]
NEEDED = ("requester_id", "subject")
OF_COMPLAINTS = ("complaint_level", "responsible_unit_id")
LISTS = ("skills", "tags", "follower_ids", "cc_ids", "cc_emails")
FOR_LIFE = ("number", "business_unit_id", "channel")
NEW: Fields = {
    **dict.fromkeys(
        "description contact_id channel_id complaint_level responsible_unit_id close_reason "
        "queue_id assignee_id order_id snoozed_until first_replied_at "
        "last_customer_message_at last_agent_message_at resolved_at closed_at sla_policy_id "
        "due_at merged_into_id follows_id split_from_id".split()
    ),
    "channel": TicketChannel.api,
    "type": TicketType.question,
    "priority": TicketPriority.normal,
    "category": TicketCategory.open,
    **dict.fromkeys(LISTS, ()),
    "clocks": {},
    "escalations": [],
    "is_breached": False,
    "message_count": 0,
    "reopened_count": 0,
    "merged_count": 0,
    "links": [],
    "external_ids": {},
    "external_id_aliases": [],
}
"""A ticket of which nothing is said."""
SHARED = (
    "subject requester_id contact_id business_unit_id type complaint_level responsible_unit_id "
    "priority order_id skills tags follower_ids cc_ids cc_emails"
).split()
"""What a ticket has in common with the closed one that it follows."""
SPELLED: Mapping[str, Callable[[Any], str]] = {
    "follower_ids": USER.prefix.write,
    "cc_ids": CUSTOMER.prefix.write,
    "cc_emails": str.lower,
}


def check_complete(sent: Fields) -> None:
    """Raises IncompleteTicket."""
    if lacking := [name for name in NEEDED if not sent.get(name)]:
        raise IncompleteTicket(*lacking)


def begun(sent: Fields, user: UUID | None) -> dict[str, Any]:
    """A new ticket, which whoever makes it follows if nobody else is said to. Raises
    UnfitTicket."""
    followed = {"follower_ids": [user] if user else [], **sent}
    return {**NEW, **columns(NEW, followed)}


def following(ticket: Fields) -> dict[str, Any]:
    """A new ticket about the same, of whoever asked before."""
    return {**NEW, **{name: ticket[name] for name in SHARED}, "follows_id": ticket["id"]}


def columns(before: Fields, sent: Fields) -> dict[str, Any]:
    """What was sent, as columns have it. Raises UnfitTicket."""
    listed = {name: _listed(name, sent[name]) for name in LISTS if name in sent}
    values = {**sent, **listed, **known_as(before, sent)}
    _check_complaint({**before, **values})
    return values


def _check_complaint(ticket: Fields) -> None:
    if ticket["type"] == TicketType.complaint:
        return
    for name in OF_COMPLAINTS:
        if ticket[name] is not None:
            raise UnfitTicket(f"/{name}", "no_complaint", say("Only complaints have it."))


def check_settled(before: Fields, sent: Fields) -> None:
    """Raises SettledTicket."""
    if wrong := [n for n in FOR_LIFE if n in sent and sent[n] != before[n]]:
        raise SettledTicket(wrong)


def _listed(name: str, sent: Iterable[Any]) -> list[str]:
    """Each once; records as the contract has their ids, addresses in lower case."""
    spelled = SPELLED.get(name, str)
    return list(dict.fromkeys(map(spelled, sent)))


def newly(name: str, before: Fields, sent: Fields) -> dict[str, UUID]:
    """Whom a ticket names, if it did not before, by where that stands in the body."""
    id = sent.get(name)
    return {} if id is None or before.get(name) == id else {f"/{name}": id}


def customers_in(before: Fields, sent: Fields) -> dict[str, UUID]:
    one = {**newly("requester_id", before, sent), **newly("contact_id", before, sent)}
    known, copies = set(before.get("cc_ids", ())), enumerate(sent.get("cc_ids", ()))
    return one | {f"/cc_ids/{n}": id for n, id in copies if CUSTOMER.prefix.write(id) not in known}


def users_in(before: Fields, sent: Fields) -> dict[str, UUID]:
    followers = before.get("follower_ids", ()), sent.get("follower_ids", ())
    return newly("assignee_id", before, sent) | newly_listed(*followers, "/follower_ids")


def records_in(before: Fields, sent: Fields) -> dict[str, str]:
    """Orders and other tickets, as the contract has their ids."""
    return {
        place: noun.prefix.write(id)
        for name, noun in (("order_id", ORDER), ("follows_id", TICKET))
        for place, id in newly(name, before, sent).items()
    }
