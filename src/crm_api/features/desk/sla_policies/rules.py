"""What a policy says for a ticket, as pure functions, and the one that every tenant begins with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_api.features.desk.terms.schemas import (
    ClockKind,
    StepAction,
    TicketCategory,
    TicketPriority,
)
from crm_api.features.desk.ticking.schemas import Step, Terms
from crm_api.kit.languages import negotiated
from crm_api.kit.words import LANGUAGES, say, translated
from crm_api.platform.users.resource import USER

from .errors import DefaultForAll

MOST_POLICIES, MOST_STEPS, MOST_TOLD = 200, 10, 20
VIP_MINUTES = 120
NO_TARGETS = {f"{kind.value}_minutes": None for kind in ClockKind}
OF_VIPS = {"kind": "condition", "field": "requester.tags", "op": "contains", "value": "vip"}


@dataclass(frozen=True, slots=True)
class Policy:
    """As it is kept: `targets` by priority, `escalations` in the order in which they were sent."""

    id: UUID
    version: int
    calendar_id: UUID | None
    targets: Mapping[str, Mapping[str, int | None]]
    pauses_on: Sequence[str]
    escalations: Sequence[Mapping[str, Any]]
    conditions: Mapping[str, Any] | None
    is_default: bool

    def terms(self, priority: TicketPriority) -> Terms:
        said = self.targets.get(priority.value, {})
        minutes = {kind: said.get(f"{kind.value}_minutes") for kind in ClockKind}
        return Terms(
            policy_id=self.id,
            policy_version=self.version,
            calendar_id=self.calendar_id,
            targets={kind: 60 * target for kind, target in minutes.items() if target},
            pauses_on=frozenset(map(TicketCategory, self.pauses_on)),
            steps={kind: tuple(_steps(self.escalations, kind)) for kind in ClockKind},
        )


def _steps(escalations: Iterable[Mapping[str, Any]], kind: ClockKind) -> Iterable[Step]:
    for said in escalations:
        if said["clock"] == kind:
            told = tuple(map(USER.prefix.read, said["user_ids"]))
            yield Step(StepAction(said["action"]), said["at_percent"], said["at_minutes"], told)


def check(policy: Mapping[str, Any]) -> None:
    """Of the columns of a policy. Raises DefaultForAll."""
    if policy["is_default"] and policy["conditions"] is not None:
        raise DefaultForAll


def told(escalations: Sequence[Mapping[str, Any]]) -> dict[str, UUID]:
    """The users whom steps tell, by where they stand in the body."""
    return {
        f"/escalations/{n}/user_ids/{m}": USER.prefix.read(id)
        for n, step in enumerate(escalations)
        for m, id in enumerate(step["user_ids"])
    }


def built_in(languages: Sequence[str]) -> dict[str, Any]:
    """The columns of the policy for whoever is tagged as a VIP: an answer within two hours, day and
    night, named in the language that a tenant names first."""
    soon = {**NO_TARGETS, "first_response_minutes": VIP_MINUTES}
    return {
        "name": translated(say("VIP customers"), negotiated(", ".join(languages), LANGUAGES)),
        "position": 0,
        "business_unit_id": None,
        "conditions": OF_VIPS,
        "calendar_id": None,
        "targets": {priority.value: soon for priority in TicketPriority},
        "pauses_on": [TicketCategory.waiting_customer.value],
        "escalations": [],
    }
