from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.features.desk.terms.schemas import CATEGORY, TicketCategory
from crm_api.kit.filters import OneOf
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.words import say

from .models import TicketStatus, TicketStatusState
from .resource import TICKET_STATUS

TicketStatusId = Annotated[UUID, TICKET_STATUS.prefix]
Name = Annotated[
    Line, Field(max_length=100, description="Unique.", examples=["Waiting for spare parts"])
]
Position = Annotated[
    int,
    Field(ge=0, le=1000, description="Where it stands among the others, from 0.", examples=[25]),
]
Category = Annotated[
    TicketCategory, Field(description="What tickets with this status are, for life.")
]


class TicketStatusCreate(Input):
    name: Name
    category: Category
    position: Position = 100


class TicketStatusUpdate(Input):
    name: Name | MISSING = MISSING
    position: Position | MISSING = MISSING


class TicketStatusRead(EntityRead):
    """What a tenant calls how far tickets are; rules and clocks go by its category."""

    table = TicketStatus

    id: TicketStatusId
    object: Literal["ticket_status"]
    name: Annotated[str, Field(title=say("Name"), examples=["Waiting for spare parts"])]
    category: Annotated[str, CATEGORY, Field(description="What tickets with this status are.")]
    position: Annotated[int, Field(description="Where it stands among the others.", examples=[25])]
    is_default: Annotated[
        bool,
        Field(description="Whether tickets of its category have it where no other one is said."),
    ]
    state: Annotated[
        str, live_or_archived(TicketStatusState), Field(description="Whether it is in use.")
    ]


class TicketStatusPage(Page[TicketStatusRead]):
    """One page of ticket statuses."""


class TicketStatusQuery(ListQuery):
    sort: Annotated[
        list[Literal["position", "-position", "created_at", "-created_at"]],
        Field(min_length=1, max_length=2),
    ] = ["position"]
    category: Annotated[list[TicketCategory], OneOf("category"), Field(max_length=10)] = []
    state: Annotated[list[TicketStatusState], OneOf("state"), Field(max_length=10)] = [
        TicketStatusState.live
    ]
