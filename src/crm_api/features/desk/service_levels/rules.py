"""What happened to past tickets, and how their clocks would have ended: pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_api.features.desk.happenings.schemas import (
    Clocks,
    Happening,
    agent_replied,
    customer_wrote,
    moved,
)
from crm_api.features.desk.terms.schemas import (
    ClockKind,
    CloseReason,
    TicketCategory,
    TicketPriority,
)

Said = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class PastTicket:
    """As it is kept: when it came to which category, and when who wrote in public."""

    id: UUID
    requester_id: UUID
    priority: TicketPriority
    created_at: datetime
    closed_at: datetime | None
    close_reason: CloseReason | None
    clocks: dict[str, object]
    moves: Said
    messages: Said


def deeds(ticket: PastTicket) -> list[tuple[datetime, Happening]]:
    """In their order; of one instant an answer comes before what it leads to, and what a customer
    writes after it."""
    fulfilled = ticket.close_reason in (None, CloseReason.resolved)
    told: list[tuple[datetime, int, Happening]] = [
        (datetime.fromisoformat(at), 1, moved(TicketCategory(to), fulfilled=fulfilled))
        for at, to in ticket.moves
    ]
    for at, direction in ticket.messages:
        answers = direction == "out"
        deed = agent_replied if answers else customer_wrote
        told.append((datetime.fromisoformat(at), 0 if answers else 2, deed))
    return [(at, deed) for at, _, deed in sorted(told, key=lambda one: one[:2])]


def counted(kind: ClockKind, simulated: Iterable[Clocks], real: Iterable[Clocks]) -> dict[str, int]:
    """How clocks of a kind would have ended, and how many were too late in truth."""
    clocks = [clock for of in simulated if (clock := of.of(kind)) and clock.target is not None]
    late = sum(clock.breached_at is not None for clock in clocks)
    met = sum(clock.met_at is not None and clock.breached_at is None for clock in clocks)
    return {
        "met": met,
        "breached": late,
        "running": sum(clock.open for clock in clocks if clock.breached_at is None),
        "breached_before": sum(is_late(of, kind) for of in real),
    }


def is_late(clocks: Clocks, *kinds: ClockKind) -> bool:
    found = [clocks.of(kind) for kind in kinds or ClockKind]
    return any(clock is not None and clock.breached_at is not None for clock in found)
