"""Whose a ticket is: pure functions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.features.desk.terms.schemas import UNSOLVED, TicketCategory

Fields = Mapping[str, Any]


def occupied(ticket: Fields) -> UUID | None:
    """The user whose time a ticket takes."""
    user: UUID | None = ticket["assignee_id"] if ticket["category"] in UNSOLVED else None
    return user


def waits(ticket: Fields) -> bool:
    """Whether it is to be given to an agent of its queue."""
    is_open = ticket["category"] == TicketCategory.open
    return is_open and ticket["queue_id"] is not None and ticket["assignee_id"] is None
