from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, or_, select

from crm_api.kit.alone import alone
from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT
from crm_api.platform.roles.fields import Role as Given
from crm_api.platform.roles.models import Role

from .models import RoleAssignment
from .resource import ROLE_ASSIGNMENT
from .schemas import RoleAssignmentRead

ASSIGNED, ROLES = table_of(RoleAssignment), table_of(Role)
GIVEN = (
    select(ROLES.c.permissions, ROLES.c.masked, ROLES.c.fields)
    .join(
        ASSIGNED, and_(ASSIGNED.c.tenant_id == ROLES.c.tenant_id, ASSIGNED.c.role_id == ROLES.c.id)
    )
    .where(
        ASSIGNED.c.tenant_id == TENANT,
        ASSIGNED.c.user_id == bindparam("user", type_=Uuid()),
        or_(
            ASSIGNED.c.ends_at.is_(None),
            ASSIGNED.c.ends_at > bindparam("now", type_=ASSIGNED.c.ends_at.type),
        ),
    )
)


class RoleAssignmentRepository(Repository[RoleAssignment, RoleAssignmentRead]):
    model = RoleAssignment
    noun = ROLE_ASSIGNMENT
    read = RoleAssignmentRead

    async def open_of(self, user: UUID) -> list[Given]:
        """What each role gives that a user holds, now or later; nobody else gives one to the user
        until the commit."""
        await alone(self.ctx, ASSIGNED.name, user)
        rows = await self.ctx.work.rows(GIVEN, {"user": user, "now": self.ctx.now})
        return [dict(row._mapping) for row in rows]
