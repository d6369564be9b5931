"""How far tickets are, and what follows from that: pure functions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from crm_api.features.desk.terms.schemas import WAITING, TicketCategory
from crm_api.features.desk.tickets.resource import TICKET

from .errors import ClosedTicket, GoesOnElsewhere, TooEarly, TooLateToReopen

Fields = Mapping[str, Any]
NOT_SNOOZED: Fields = {"snoozed_until": None}


class Awaited(StrEnum):
    """Whom a ticket waits for."""

    customer = "customer"
    third_party = "third_party"

    @property
    def category(self) -> TicketCategory:
        return TicketCategory(f"waiting_{self.value}")


def moved(ticket: Fields, to: TicketCategory, now: datetime, by: str = "") -> dict[str, Any]:
    """The columns of a ticket that comes to be in a category. Raises InvalidTransition."""
    _, machine = TICKET.machine_of(to)
    machine.check(ticket["category"], to, by=by)
    values = {"category": to, **NOT_SNOOZED}
    if to == TicketCategory.resolved:
        values["resolved_at"] = now
    if to == TicketCategory.closed:
        values["closed_at"] = now
    if ticket["category"] == TicketCategory.resolved and to == TicketCategory.open:
        values |= {"resolved_at": None, "reopened_count": ticket["reopened_count"] + 1}
    return values


def is_reopenable(ticket: Fields, days: int, now: datetime) -> bool:
    resolved: datetime | None = ticket["resolved_at"]
    return resolved is None or now <= resolved + timedelta(days=days)


def check_reopenable(ticket: Fields, days: int, now: datetime) -> None:
    """Raises TooLateToReopen."""
    if not is_reopenable(ticket, days, now):
        raise TooLateToReopen(days)


def check_ahead(until: datetime, now: datetime) -> None:
    """Raises TooEarly."""
    if until <= now:
        raise TooEarly


def check_not_closed(ticket: Fields) -> None:
    """Raises ClosedTicket."""
    if ticket["category"] == TicketCategory.closed:
        raise ClosedTicket


def check_stands(ticket: Fields) -> None:
    """Raises GoesOnElsewhere."""
    if into := ticket["merged_into_id"]:
        raise GoesOnElsewhere(into)


def is_to_wake(ticket: Fields, now: datetime) -> bool:
    until = ticket["snoozed_until"]
    return ticket["category"] in WAITING and until is not None and until <= now
