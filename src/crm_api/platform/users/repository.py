from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_api.kit.db import table_of
from crm_api.kit.naming import NamedRepository
from crm_api.kit.statement import TENANT

from .errors import HasGone
from .models import User
from .resource import USER
from .schemas import UserRead

USERS = table_of(User)
STATES = select(USERS.c.id, USERS.c.state).where(
    USERS.c.tenant_id == TENANT, USERS.c.id == bindparam("ids", type_=ARRAY(Uuid())).any_()
)


class UserRepository(NamedRepository[User, UserRead]):
    model = User
    noun = USER
    read = UserRead
    texts = ("email", "employee_number")
    person = True

    async def editable(self, id: UUID) -> User:
        """Raises HasGone."""
        user = await self.load(id)
        if USER.machines["state"].is_final(user.state):
            raise HasGone(user.state)
        return user

    async def states(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        """Of those who are there."""
        found = await self.ctx.work.rows(STATES, {"ids": list(ids)})
        return {row.id: row.state for row in found}
