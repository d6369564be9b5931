"""Which queues there are, and who is in them."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.features.desk.agents.schemas import AgentId
from crm_api.kit.filters import Listed, OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.search import Found, SearchText
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId

from .models import QueueMember, QueueState
from .schemas import QueueRead

Sort = Literal["created_at", "-created_at", "name", "-name"]


class QueuePage(Page[QueueRead]):
    """One page of queues."""


class QueueQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: Annotated[list[Sort], Field(min_length=1, max_length=2)] = ["-created_at"]
    q: Annotated[
        SearchText | None, Found("queues"), Field(description="Parts of names and pinyin.")
    ] = None
    state: Annotated[list[QueueState], OneOf("state"), Field(max_length=10)] = [QueueState.live]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Those of one of these units, or of one below it."),
    ] = []
    member_id: Annotated[
        list[AgentId],
        Listed(QueueMember, "queue_id", "agent_id", ()),
        Field(max_length=50, description="Those that one of these agents is in."),
    ] = []
