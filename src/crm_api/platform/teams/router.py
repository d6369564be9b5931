from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import TEAM
from .schemas import (
    MembersChange,
    TeamCreate,
    TeamId,
    TeamPage,
    TeamQuery,
    TeamRead,
    TeamUpdate,
)
from .service import TeamService

ids_in_paths(TEAM.prefix)
router = resource("teams", "teams")

Reader = Annotated[TeamService, provide(TeamService, "teams:read")]
Writer = Annotated[TeamService, provide(TeamService, "teams:write")]


@router.get("", response_model=TeamPage)
async def list_teams(teams: Reader, query: Annotated[TeamQuery, asked(TeamQuery)]) -> Response:
    """List teams, live ones unless `state` says otherwise, newest first."""
    return listed(await teams.list(query))


@router.post("", status_code=201, response_model=TeamRead)
async def create_team(teams: Writer, data: TeamCreate) -> Response:
    """Begin a team. It has no members yet: add them."""
    return created(await teams.create(data))


@router.get("/{id:tem}", response_model=TeamRead)
async def get_team(teams: Reader, id: TeamId) -> Response:
    """Read a team."""
    return found(await teams.get(id))


@router.patch("/{id:tem}", response_model=TeamRead)
async def update_team(teams: Writer, id: TeamId, data: TeamUpdate) -> Response:
    """Change some fields of a team."""
    return changed(await teams.update(id, data))


@router.post("/{id:tem}/add-members", response_model=TeamRead)
async def add_team_members(teams: Writer, id: TeamId, data: MembersChange) -> Response:
    """Add users, whatever others change at the same time; who is in stays in. A team has 500
    members at most."""
    return changed(await teams.add_members(id, data))


@router.post("/{id:tem}/remove-members", response_model=TeamRead)
async def remove_team_members(teams: Writer, id: TeamId, data: MembersChange) -> Response:
    """Remove users, whatever others change at the same time; who is not in is no mistake."""
    return changed(await teams.remove_members(id, data))


@router.post("/{id:tem}/archive", response_model=TeamRead)
async def archive_team(teams: Writer, id: TeamId) -> Response:
    """Put a team away. It keeps its members."""
    return changed(await teams.archive(id))


@router.post("/{id:tem}/restore", response_model=TeamRead)
async def restore_team(teams: Writer, id: TeamId) -> Response:
    """Bring an archived team back."""
    return changed(await teams.restore(id))
