from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import Archived, NotFound, UnknownReference
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.words import say
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.roles.models import Reach
from crm_api.platform.roles.rules import check_role_giver
from crm_api.platform.roles.schemas import RoleRead
from crm_api.platform.roles.service import RoleService
from crm_api.platform.users.service import UserService

from .errors import ArchivedRole, EndedAlready, EndsBefore, NeedsUnit, TooManyRoles
from .events import RoleAssigned, RoleAssignmentEnded
from .repository import RoleAssignmentRepository
from .schemas import (
    RoleAssignmentCreate,
    RoleAssignmentEnd,
    RoleAssignmentQuery,
    RoleAssignmentRead,
)

MOST_ROLES = 50


class RoleAssignmentService:
    """Who holds which role, where and when. Nobody gives more than he holds."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.assignments = RoleAssignmentRepository(ctx)

    async def list(self, query: RoleAssignmentQuery) -> Listing:
        return await self.assignments.page(query)

    async def get(self, id: UUID) -> Document[RoleAssignmentRead]:
        return await self.assignments.get(id)

    async def create(self, data: RoleAssignmentCreate) -> Written[RoleAssignmentRead]:
        await self.check_giving(data.role_id, data.business_unit_id)
        await UserService(self.ctx).check_named({"/user_id": data.user_id})
        sent = data.model_dump() | {"starts_at": data.starts_at or self.ctx.now}
        if data.ends_at and data.ends_at <= max(sent["starts_at"], self.ctx.now):
            raise EndsBefore(say("Send a time to come, after the beginning."))
        if len(await self.assignments.open_of(data.user_id)) >= MOST_ROLES:
            raise TooManyRoles(MOST_ROLES)
        return self.assignments.add(RoleAssigned, **sent)

    async def end(self, id: UUID, data: RoleAssignmentEnd) -> Written[RoleAssignmentRead]:
        """At once, or at a time to come; what has ended stays as it was."""
        assignment, at = await self.assignments.load(id), data.ends_at or self.ctx.now
        if assignment.ends_at and assignment.ends_at <= self.ctx.now:
            raise EndedAlready
        if at < self.ctx.now:
            raise EndsBefore(say("Send a time to come."))
        at = max(at, assignment.starts_at)
        return self.assignments.change(assignment, RoleAssignmentEnded, ends_at=at)

    async def check_giving(self, id: UUID, unit: UUID | None) -> None:
        """That there is such a role, that the caller may give it, and that it can be held there.

        Raises GivesMore, UnknownReference, ArchivedRole, NeedsUnit, WrongPlace.
        """
        role = await self._role(id)
        check_role_giver(self.ctx.actor, role.model_dump())
        await self._check_place(role, unit)

    async def check_acting(self, user: UUID) -> None:
        """Who lets somebody act as a user gives him all that the user may do.

        Raises GivesMore, ShowsMore.
        """
        if user != self.ctx.actor.user_id:
            for role in await self.assignments.open_of(user):
                check_role_giver(self.ctx.actor, role)

    async def _role(self, id: UUID) -> RoleRead:
        """Raises UnknownReference, ArchivedRole."""
        try:
            return await RoleService(self.ctx).hold(id)
        except NotFound:
            raise UnknownReference("/role_id") from None
        except Archived:
            raise ArchivedRole from None

    async def _check_place(self, role: RoleRead, unit: UUID | None) -> None:
        """Raises NeedsUnit, UnknownReference, WrongPlace."""
        far = {None, Reach.group.value}
        if unit is None and any(one.reach not in far for one in role.permissions):
            raise NeedsUnit
        if unit is not None:
            await BusinessUnitService(self.ctx).check_live(unit)
