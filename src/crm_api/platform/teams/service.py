from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.users.listed import joined, without
from crm_api.platform.users.service import UserService

from .events import TeamArchived, TeamCreated, TeamRestored, TeamUpdated
from .models import TeamState
from .repository import TeamRepository
from .schemas import MembersChange, TeamCreate, TeamQuery, TeamRead, TeamUpdate

MOST_MEMBERS = 500


class TeamService:
    """Users who work together."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.teams = TeamRepository(ctx)

    async def list(self, query: TeamQuery) -> Listing:
        return await self.teams.page(query)

    async def get(self, id: UUID) -> Document[TeamRead]:
        return await self.teams.get(id)

    async def create(self, data: TeamCreate) -> Written[TeamRead]:
        sent = data.model_dump()
        await self._check(sent)
        return self.teams.add(TeamCreated, **sent)

    async def update(self, id: UUID, data: TeamUpdate) -> Written[TeamRead]:
        team, sent = await self.teams.editable(id), data.changes()
        await self._check(sent)
        return self.teams.rewrite(team, TeamUpdated, **sent)

    async def add_members(self, id: UUID, data: MembersChange) -> Written[TeamRead]:
        """Raises TooManyUsers."""
        team = await self.teams.editable(id)
        await UserService(self.ctx).check_present(data.user_ids, "/user_ids")
        members = joined(team.member_ids, data.user_ids, MOST_MEMBERS)
        return self.teams.rewrite(team, TeamUpdated, member_ids=members)

    async def remove_members(self, id: UUID, data: MembersChange) -> Written[TeamRead]:
        team = await self.teams.editable(id)
        left = without(team.member_ids, data.user_ids)
        return self.teams.rewrite(team, TeamUpdated, member_ids=left)

    async def archive(self, id: UUID) -> Written[TeamRead]:
        return await self.teams.move(id, TeamState.archived, TeamArchived)

    async def restore(self, id: UUID) -> Written[TeamRead]:
        return await self.teams.move(id, TeamState.live, TeamRestored)

    async def _check(self, sent: dict[str, Any]) -> None:
        if sent.get("business_unit_id"):
            await BusinessUnitService(self.ctx).check_live(sent["business_unit_id"])
