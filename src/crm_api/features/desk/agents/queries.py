"""Which agents there are, and who of them is there."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import EXPAND, ListQuery
from crm_api.kit.schema import Input
from crm_api.platform.users.schemas import UserId

from .models import AgentState, Presence
from .schemas import AgentRead

Expand = Annotated[list[Literal["user"]], EXPAND]


class AgentShown(Input):
    """What to put beside an agent."""

    expand: Expand = []


class AgentPage(Page[AgentRead]):
    """One page of agents."""


class AgentQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    expand: Expand = []
    state: Annotated[list[AgentState], OneOf("state"), Field(max_length=10)] = [AgentState.live]
    presence: Annotated[list[Presence], OneOf("presence"), Field(max_length=10)] = []
    user_id: Annotated[list[UserId], Where("user_id"), Field(max_length=50)] = []
