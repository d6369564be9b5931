from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.desk.agents.schemas import Skills, as_kept
from crm_api.features.desk.fitting.schemas import Conditions
from crm_api.features.desk.queues.schemas import QueueId
from crm_api.kit.schema import EntityRead, Input, Line
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import RoutingRule
from .resource import ROUTING_RULE
from .rules import Placed as Placed

MOST_POSITION = 1_000_000
RoutingRuleId = Annotated[UUID, ROUTING_RULE.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["VIPs to the key account desk"])]
Position = Annotated[
    int,
    Field(
        ge=0,
        le=MOST_POSITION,
        description="Rules are asked from the lowest position on, and the first that fits is the "
        "one. No two have the same: leave room between them.",
        examples=[100],
    ),
]
UnitId = Annotated[
    BusinessUnitId,
    Field(description="It is for tickets of this unit and of those below it; null for all."),
]
Needed = Annotated[Skills, Field(description="What an agent must be able to do to be given them.")]
Enabled = Annotated[bool, Field(description="A rule that is not enabled fits nothing.")]


class _Rule(Input):
    kept = frozenset({"conditions"})

    def changes(self) -> dict[str, Any]:
        sent = super().changes()
        return sent | ({"skills": as_kept(sent["skills"])} if "skills" in sent else {})


class RoutingRuleCreate(_Rule):
    name: Name
    position: Position
    business_unit_id: UnitId | None = None
    conditions: Conditions | None = None
    queue_id: QueueId
    skills: Needed = []
    enabled: Enabled = True


class RoutingRuleUpdate(_Rule):
    name: Name | MISSING = MISSING
    position: Position | MISSING = MISSING
    business_unit_id: UnitId | MISSING | None = MISSING
    conditions: Conditions | MISSING | None = MISSING
    queue_id: QueueId | MISSING = MISSING
    skills: Needed | MISSING = MISSING
    enabled: Enabled | MISSING = MISSING


class RoutingRuleRead(EntityRead):
    """Which tickets go to which queue, and what it takes to answer them."""

    table = RoutingRule

    id: RoutingRuleId
    object: Literal["routing_rule"]
    name: Annotated[str, Field(examples=["VIPs to the key account desk"])]
    position: Annotated[int, Field(examples=[100])]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="It is for tickets of this unit and of those below it; null for all."),
    ]
    conditions: Annotated[
        dict[str, Any] | None, Field(description="As they were sent; null for all tickets.")
    ]
    queue_id: QueueId
    skills: Annotated[list[str], Field(examples=[["refunds"]])]
    enabled: bool
