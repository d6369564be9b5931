from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.columns import Expanded
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.words import say
from crm_api.platform.users.schemas import UserId, UserRead

from .models import Agent, AgentState, LoadNow, Presence
from .resource import AGENT
from .rules import MOST_CAPACITY, MOST_SKILLS, USUAL_CAPACITY
from .rules import as_kept as as_kept

PRESENCE = OpenEnum(Presence, online=say("Online"), away=say("Away"), offline=say("Offline"))
AgentId = Annotated[UUID, AGENT.prefix]
Skill = Annotated[Line, Field(max_length=60, examples=["refunds"])]
Skills = Annotated[
    list[Skill],
    Field(max_length=MOST_SKILLS, description="Kept in lower case, each once."),
]
Capacity = Annotated[
    int,
    Field(
        ge=0,
        le=MOST_CAPACITY,
        description="How many open tickets the agent may have at a time.",
        examples=[USUAL_CAPACITY],
    ),
]


class _Skilled(Input):
    def changes(self) -> dict[str, Any]:
        sent = super().changes()
        return sent | ({"skills": as_kept(sent["skills"])} if "skills" in sent else {})


class AgentCreate(_Skilled):
    user_id: Annotated[UserId, Field(description="Who it is. A user is one agent at most.")]
    skills: Skills = []
    capacity: Capacity = USUAL_CAPACITY


class AgentUpdate(_Skilled):
    """With a capacity below its load an agent keeps the tickets that it has, and gets no others."""

    skills: Skills | MISSING = MISSING
    capacity: Capacity | MISSING = MISSING


class AgentRead(EntityRead):
    """A user who answers tickets."""

    table = Agent

    id: AgentId
    object: Literal["agent"]
    user_id: UserId
    skills: Annotated[list[str], Field(examples=[["refunds"]])]
    capacity: Annotated[
        int,
        Field(
            description="How many open tickets the agent may have at a time.",
            examples=[USUAL_CAPACITY],
        ),
    ]
    load: Annotated[
        int,
        LoadNow(),
        Field(
            description="How many open tickets the agent has just now. It changes with tickets, "
            "and is no new version of the agent.",
            examples=[3],
        ),
    ]
    presence: Annotated[
        str,
        PRESENCE,
        Field(description="Queues give tickets to agents who are `online`, and to no others."),
    ]
    state: Annotated[str, live_or_archived(AgentState)]
    user: Annotated["UserRead | MISSING | None", Expanded("user_id")] = MISSING
