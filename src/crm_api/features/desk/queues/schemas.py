from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.desk.agents.schemas import AgentId
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import Queue, QueueState
from .models import Strategy as Strategy
from .resource import QUEUE
from .rules import MOST_MEMBERS

STRATEGY = OpenEnum(
    Strategy,
    round_robin=say("In turns"),
    least_load=say("To whom has least to do"),
    manual=say("By hand"),
)
QueueId = Annotated[UUID, QUEUE.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["Refunds"])]
UnitId = Annotated[
    BusinessUnitId, Field(description="The unit whose queue it is; null for one of the group.")
]
Way = Annotated[
    Strategy,
    Field(
        description="Who of its members is given a ticket: `round_robin`, whoever was given one "
        "longest ago; `least_load`, whoever has the smallest part of his capacity in use; "
        "`manual`, nobody, until somebody takes it."
    ),
]
Default = Annotated[
    bool,
    Field(description="Whether what no rule sends elsewhere comes here. One live queue does so."),
]


class QueueCreate(Input):
    name: Name
    business_unit_id: UnitId | None = None
    strategy: Way = Strategy.round_robin
    member_ids: Annotated[list[AgentId], Field(max_length=MOST_MEMBERS)] = []
    is_default: Default = False


class QueueUpdate(Input):
    """All but its members, whom `POST .../add-members` and `.../remove-members` change."""

    name: Name | MISSING = MISSING
    business_unit_id: UnitId | MISSING | None = MISSING
    strategy: Way | MISSING = MISSING
    is_default: Default | MISSING = MISSING


class QueueMembersChange(Input):
    agent_ids: Annotated[list[AgentId], Field(min_length=1, max_length=100)]


class QueueRead(EntityRead):
    """Where tickets wait for one of several agents."""

    table = Queue

    id: QueueId
    object: Literal["queue"]
    name: Annotated[str, Field(examples=["Refunds"])]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit whose queue it is; null for one of the group."),
    ]
    strategy: Annotated[str, STRATEGY, Field(description="Who of its members is given a ticket.")]
    member_ids: Annotated[
        list[AgentId],
        Field(description="In the order in which they came. Archived agents stay, and get none."),
    ]
    is_default: Annotated[bool, Field(description="Whether what no rule sends elsewhere is here.")]
    state: Annotated[str, live_or_archived(QueueState)]
