"""What tickets have to do with one another: pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.desk.terms.schemas import LinkKind, TicketCategory
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.platform.users.resource import USER

from .errors import CLOSED, ITSELF, MERGED, LinkedToItself, MergeRefused, OneMore, TooManyLinks

Fields = Mapping[str, Any]
Links = list[dict[str, str]]
MOST_LINKS = 100
JOINED = ("tags", "follower_ids", "cc_ids", "cc_emails")
OPPOSITE = {
    LinkKind.relates_to: LinkKind.relates_to,
    LinkKind.blocks: LinkKind.blocked_by,
    LinkKind.duplicates: LinkKind.duplicated_by,
    LinkKind.causes: LinkKind.caused_by,
}
OPPOSITE |= {back: there for there, back in OPPOSITE.items()}


def check_two(id: UUID, into: UUID) -> None:
    """Raises MergeRefused."""
    if id == into:
        raise MergeRefused(ITSELF)


def check_mergeable(ticket: Fields, into: Fields) -> None:
    """Raises InvalidTransition, MergeRefused."""
    _, machine = TICKET.machine_of(TicketCategory.closed)
    machine.check(ticket["category"], TicketCategory.closed, by="merge")
    if into["merged_into_id"]:
        raise MergeRefused(MERGED)
    if into["category"] == TicketCategory.closed:
        raise MergeRefused(CLOSED)


def check_whole(held: Collection[UUID], merged: Collection[UUID]) -> None:
    """Raises OneMore."""
    if not set(merged) <= set(held):
        raise OneMore


def absorbed(ticket: Fields, into: Fields) -> dict[str, Any]:
    """The columns of a ticket into which another one is merged: who takes part in that one, and
    how it is tagged, joins what is there."""
    joining = {**ticket, **_taking_part(ticket, into)}
    joined = {name: _each_once(into[name], joining[name]) for name in JOINED}
    return {
        **joined,
        "merged_count": into["merged_count"] + ticket["merged_count"] + 1,
        "message_count": into["message_count"] + ticket["message_count"],
        **_still_asked(ticket, into),
    }


def _taking_part(ticket: Fields, into: Fields) -> dict[str, Any]:
    """Who asked goes on being told, and who took it on goes on seeing it."""
    asks, takes = ticket["requester_id"], ticket["assignee_id"]
    copies = [CUSTOMER.prefix.write(asks)] if asks != into["requester_id"] else []
    followers = [USER.prefix.write(takes)] if takes and takes != into["assignee_id"] else []
    return {
        "cc_ids": [*ticket["cc_ids"], *copies],
        "follower_ids": [*ticket["follower_ids"], *followers],
    }


def _each_once(there: Iterable[str], joining: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*there, *joining]))


def _still_asked(ticket: Fields, into: Fields) -> dict[str, Any]:
    """What nobody has answered is asked of the one that goes on; an answer there is none here."""
    asked, answered = ticket["last_customer_message_at"], ticket["last_agent_message_at"]
    before = into["last_customer_message_at"]
    if asked is None or (answered and answered >= asked) or (before and before >= asked):
        return {}
    return {"last_customer_message_at": asked}


def apart(ticket: Fields, said: Sequence[Fields], user: UUID | None) -> dict[str, Any]:
    """What a ticket that is made of messages of another one has of both; nobody has answered it."""
    followers = [USER.prefix.write(user)] if user else []
    heard = [one["created_at"] for one in said if one["direction"] == "in"]
    public = [one for one in said if one["is_public"]]
    return {
        "follows_id": None,
        "split_from_id": ticket["id"],
        **{name: ticket[name] for name in ("channel", "channel_id")},
        "follower_ids": _each_once(ticket["follower_ids"], followers),
        "message_count": len(public),
        "last_customer_message_at": max(heard, default=None),
    }


def left(ticket: Fields, made: Fields) -> int:
    """How much was said, without what a new ticket was made of."""
    before, gone = int(ticket["message_count"]), int(made["message_count"])
    return max(0, before - gone)


def linked(ticket: Fields, other: UUID, kind: LinkKind) -> Links:
    """Raises TooManyLinks."""
    links, one = ticket["links"], _link(other, kind)
    if one in links:
        return list(links)
    if len(links) >= MOST_LINKS:
        raise TooManyLinks(MOST_LINKS)
    return [*links, one]


def unlinked(ticket: Fields, other: UUID, kind: LinkKind) -> Links:
    one = _link(other, kind)
    return [link for link in ticket["links"] if link != one]


def check_other(id: UUID, other: UUID) -> None:
    """Raises LinkedToItself."""
    if id == other:
        raise LinkedToItself


def _link(other: UUID, kind: LinkKind) -> dict[str, str]:
    return {"ticket_id": TICKET.prefix.write(other), "kind": kind.value}
