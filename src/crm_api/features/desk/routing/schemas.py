from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.features.customers.schemas import CustomerId
from crm_api.features.desk.agents.schemas import PRESENCE, AgentId
from crm_api.features.desk.queues.schemas import STRATEGY, QueueId
from crm_api.features.desk.routing_rules.schemas import RoutingRuleId
from crm_api.features.desk.terms.schemas import TicketChannel, TicketPriority, TicketType
from crm_api.kit.schema import Input, Line, OpenEnum
from crm_api.kit.words import say
from crm_api.platform.business_units.schemas import BusinessUnitId

from .rules import Hindrance

HINDRANCE = OpenEnum(
    Hindrance,
    archived=say("Archived"),
    not_enabled=say("The user cannot sign in"),
    away=say("Away"),
    offline=say("Offline"),
    full=say("Has no capacity left"),
    lacks_skills=say("Lacks a skill"),
)


class TicketSketch(Input):
    """A ticket that is not there."""

    subject: Annotated[Line, Field(max_length=300, examples=["Refund, please"])] = "Ticket"
    type: TicketType = TicketType.question
    priority: TicketPriority = TicketPriority.normal
    channel: TicketChannel = TicketChannel.api
    tags: Annotated[list[Annotated[Line, Field(max_length=60)]], Field(max_length=100)] = []


class RoutingTrial(Input):
    """A ticket that is not there, of whom, and for whom."""

    ticket: TicketSketch
    requester_id: Annotated[
        CustomerId | None,
        Field(description="Who asks. Without one, no rule fits that asks who does."),
    ] = None
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit; the one that you work in, when not sent."),
    ] = None


class AgentTried(BaseModel):
    """A member of the queue, and what keeps him from being given the ticket."""

    agent_id: AgentId
    presence: Annotated[str, PRESENCE]
    load: Annotated[int, Field(examples=[3])]
    capacity: Annotated[int, Field(examples=[10])]
    can_take: bool
    hindrances: Annotated[list[Annotated[str, HINDRANCE]], Field(examples=[["offline"]])]


class RoutingTried(BaseModel):
    """Where a ticket would go just now, and to whom."""

    object: Literal["routing_tried"]
    rule_id: Annotated[RoutingRuleId | None, Field(description="The first rule that fits.")]
    queue_id: Annotated[
        QueueId | None, Field(description="Its queue, else the default one, if there is one.")
    ]
    strategy: Annotated[str | None, STRATEGY]
    skills: Annotated[
        list[str], Field(description="What the rule asks of an agent.", examples=[["refunds"]])
    ]
    agent_id: Annotated[
        AgentId | None,
        Field(description="Who would be given it; null where nobody can take it, or by hand."),
    ]
    agents: Annotated[
        list[AgentTried], Field(description="The queue's members, in the order of their turns.")
    ]
