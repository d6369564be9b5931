from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.filters import Listed, OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, live_or_archived
from crm_api.kit.search import Found, SearchText
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.business_units.schemas import BusinessUnitId, UnderId
from crm_api.platform.users.schemas import UserId

from .models import Team, TeamMember, TeamState
from .resource import TEAM

TeamId = Annotated[UUID, TEAM.prefix]
Name = Annotated[Line, Field(max_length=200, examples=["Key accounts East"])]
UnitId = Annotated[BusinessUnitId, Field(description="The unit that it works for.")]
LeadId = Annotated[UserId, Field(description="Who leads it; need not be a member.")]
Sort = Literal["created_at", "-created_at", "name", "-name"]


class TeamCreate(Input):
    name: Name
    business_unit_id: UnitId | None = None
    lead_id: LeadId | None = None


class TeamUpdate(Input):
    """All but its members, whom `POST .../add-members` and `.../remove-members` change."""

    name: Name | MISSING = MISSING
    business_unit_id: UnitId | MISSING | None = MISSING
    lead_id: LeadId | MISSING | None = MISSING


class MembersChange(Input):
    user_ids: Annotated[list[UserId], Field(min_length=1, max_length=100)]


class TeamRead(EntityRead):
    """Users who work together, within a unit or across units."""

    table = Team

    id: TeamId
    object: Literal["team"]
    name: Annotated[str, Field(examples=["Key accounts East"])]
    business_unit_id: Annotated[
        BusinessUnitId | None, Field(description="The unit that it works for.")
    ]
    lead_id: UserId | None
    member_ids: Annotated[
        list[UserId],
        Field(description="In the order in which they came. Suspended users stay members."),
    ]
    state: Annotated[str, live_or_archived(TeamState)]


class TeamPage(Page[TeamRead]):
    """One page of teams."""


class TeamQuery(ListQuery):
    sorts = {"name": "sort_name"}

    sort: list[Sort] = ["-created_at"]
    q: Annotated[
        SearchText | None, Found("teams"), Field(description="Parts of names and pinyin.")
    ] = None
    state: Annotated[list[TeamState], OneOf("state"), Field(max_length=10)] = [TeamState.live]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    under: Annotated[
        list[UnderId],
        Under("business_unit_id"),
        Field(max_length=50, description="Those that work for one of these units, or below it."),
    ] = []
    lead_id: Annotated[list[UserId], Where("lead_id"), Field(max_length=50)] = []
    member_id: Annotated[
        list[UserId],
        Listed(TeamMember, "team_id", "user_id", ()),
        Field(max_length=50, description="Those that one of these users is in."),
    ] = []
