"""What follows from what becomes of a ticket: pure functions."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_api.features.desk.clock_facts.schemas import Fact, FactKind
from crm_api.features.desk.happenings.schemas import (
    DONE,
    Happening,
    agent_replied,
    customer_wrote,
    moved,
)
from crm_api.features.desk.terms.schemas import (
    CloseReason,
    StepAction,
    TicketCategory,
    TicketPriority,
)
from crm_api.kit.times import rfc3339
from crm_api.platform.users.resource import USER

Fields = Mapping[str, Any]
JUDGED_BY = frozenset(
    "subject requester_id contact_id type complaint_level responsible_unit_id priority order_id "
    "skills tags custom external_ids status_id".split()
)
"""What conditions of policies ask about, beside what happens to a ticket of itself."""


def deeds(before: Fields, after: Fields) -> list[Happening]:
    """What clocks are told of a change, in this order: an answer counts before what it leads to,
    what a customer writes after it."""
    told: list[Happening] = []
    if before["last_agent_message_at"] != after["last_agent_message_at"]:
        told.append(agent_replied)
    if before["category"] != after["category"]:
        fulfilled = after["close_reason"] in (None, CloseReason.resolved)
        told.append(moved(TicketCategory(after["category"]), fulfilled=fulfilled))
    if before["last_customer_message_at"] != after["last_customer_message_at"]:
        told.append(customer_wrote)
    return told


def is_judged_anew(before: Fields, after: Fields) -> bool:
    """Whether another policy may fit; what is done is left alone."""
    changed = any(before[name] != after[name] for name in JUDGED_BY)
    return changed and after["category"] not in DONE


def called_for(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """What the steps say that were reached, in their order."""
    return [
        {
            "clock": fact.clock.kind.value,
            "at": rfc3339(fact.at),
            **fact.details,
            "user_ids": [USER.prefix.write(UUID(id)) for id in fact.details["user_ids"]],
        }
        for fact in facts
        if fact.kind is FactKind.escalated
    ]


def reassigns(facts: Iterable[Fact]) -> bool:
    return StepAction.reassign in _actions(facts)


def raises(facts: Iterable[Fact]) -> int:
    """How often the priority is raised, however late somebody looks."""
    return _actions(facts).count(StepAction.raise_priority)


def raised(priority: TicketPriority, times: int) -> TicketPriority:
    """So many times the next higher one; the highest stays."""
    order = list(TicketPriority)
    return order[min(order.index(priority) + times, len(order) - 1)]


def _actions(facts: Iterable[Fact]) -> list[str]:
    return [step["action"] for step in called_for(facts)]
