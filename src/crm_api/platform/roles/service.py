from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.scopes import check_known

from . import built_in, fields, rules
from .errors import BuiltIn
from .events import RoleArchived, RoleCreated, RoleRestored, RoleUpdated
from .models import Role, RoleState
from .repository import RoleRepository
from .schemas import RoleCreate, RoleQuery, RoleRead, RoleUpdate


class RoleService:
    """What users may do: roles that came with the product, and the tenant's own."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.roles = RoleRepository(ctx)

    async def list(self, query: RoleQuery) -> Listing:
        return await self.roles.page(query)

    async def get(self, id: UUID) -> Document[RoleRead]:
        return await self.roles.get(id)

    def create(self, data: RoleCreate) -> Written[RoleRead]:
        sent = data.model_dump()
        self._check(sent)
        return self.roles.add(RoleCreated, **sent)

    def create_built_in(self) -> None:
        """Those that every tenant has, named in its language; nobody's act, and so no event."""
        for values in built_in.roles(self.ctx.tenant.languages):
            self.roles.place(values)

    async def update(self, id: UUID, data: RoleUpdate) -> Written[RoleRead]:
        role, sent = self._own(await self.roles.editable(id)), data.changes()
        self._check(vars(role) | sent)
        return self.roles.change(role, RoleUpdated, **sent)

    async def archive(self, id: UUID) -> Written[RoleRead]:
        self._own(await self.roles.load(id))
        return await self.roles.move(id, RoleState.archived, RoleArchived)

    async def restore(self, id: UUID) -> Written[RoleRead]:
        role = await self.roles.load(id)
        rules.check_role_giver(self.ctx.actor, vars(role))
        return await self.roles.move(id, RoleState.live, RoleRestored)

    async def hold(self, id: UUID) -> RoleRead:
        """A live role that goes on being one until the commit. Raises NotFound, Conflict."""
        await self.roles.hold(id)
        return (await self.roles.get(id)).value

    def _own(self, role: Role) -> Role:
        """Raises BuiltIn."""
        if role.code is not None:
            raise BuiltIn
        return role

    def _check(self, role: fields.Role) -> None:
        """Raises Invalid, GivesMore, ShowsMore."""
        check_known(self.ctx, rules.scopes_of(role["permissions"]), "/permissions")
        rules.check(role)
        rules.check_role_giver(self.ctx.actor, role)
