from collections.abc import Iterable, Mapping
from typing import ClassVar

from crm_api.features.desk.clock_facts.schemas import Fact, FactKind
from crm_api.features.desk.terms.schemas import ClockKind
from crm_api.kit.events import Event


class TicketFirstResponseBreached(Event):
    """Nobody has answered who asked by the time that the policy gives."""

    type: ClassVar[str] = "ticket.first_response_breached"


class TicketNextResponseBreached(Event):
    """The customer has written again, and nobody has answered by the time that the policy gives."""

    type: ClassVar[str] = "ticket.next_response_breached"


class TicketResolutionBreached(Event):
    """It is not resolved by the time that the policy gives."""

    type: ClassVar[str] = "ticket.resolution_breached"


class TicketEscalated(Event):
    """A step of the policy is reached: `escalations` says what is called for, and who is told."""

    type: ClassVar[str] = "ticket.escalated"


BREACHED: Mapping[ClockKind, type[Event]] = {
    ClockKind.first_response: TicketFirstResponseBreached,
    ClockKind.next_response: TicketNextResponseBreached,
    ClockKind.resolution: TicketResolutionBreached,
}


def told(facts: Iterable[Fact]) -> list[type[Event]]:
    """What is told of what became of clocks: each breach, and that there were escalations."""
    breaches = [BREACHED[fact.clock.kind] for fact in facts if fact.kind is FactKind.breached]
    escalated = any(fact.kind is FactKind.escalated for fact in facts)
    return [*breaches, *([TicketEscalated] if escalated else [])]
