"""What macros do to tickets: pure functions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from crm_api.features.desk.terms.schemas import TicketType

from .errors import StaysComplaint, TooManyTags

Fields = Mapping[str, Any]
PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
KNOWN = ("ticket.number", "ticket.subject", "requester.name")
MOST_TAGS = 100
SET = ("priority", "type", "queue_id")
NAMED = ("status_id", "queue_id", "assignee_id")


def does_something(actions: Fields) -> bool:
    return any(actions.values())


def unknown(text: str) -> list[str]:
    """The placeholders of a text that stand for nothing."""
    return [name for name in asked(text) if name not in KNOWN]


def asked(*texts: str | None) -> list[str]:
    """The placeholders of some texts, in their order."""
    found = (PLACEHOLDER.findall(text) for text in texts if text)
    return [name.strip() for names in found for name in names]


def filled(text: str, known: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: known[found[1].strip()], text)


def named(actions: Fields, noun: str) -> dict[str, UUID]:
    """What is named, by where it stands in a body."""
    id = actions[noun]
    return {f"/actions/{noun}": id} if id else {}


def columns(ticket: Fields, actions: Fields) -> dict[str, Any]:
    """What changes of a ticket's fields. Raises StaysComplaint, TooManyTags."""
    wanted = dict(_wanted(ticket, actions))
    values = {name: value for name, value in wanted.items() if value != ticket[name]}
    of_complaint = ticket["complaint_level"] or ticket["responsible_unit_id"]
    if values.get("type", TicketType.complaint) != TicketType.complaint and of_complaint:
        raise StaysComplaint
    return values


def _wanted(ticket: Fields, actions: Fields) -> Iterator[tuple[str, Any]]:
    yield from ((name, actions[name]) for name in SET if actions[name] is not None)
    tags = dict.fromkeys([*ticket["tags"], *actions["add_tags"]])
    left = [tag for tag in tags if tag not in actions["remove_tags"]]
    if len(left) > max(MOST_TAGS, len(ticket["tags"])):
        raise TooManyTags(MOST_TAGS)
    yield "tags", left
