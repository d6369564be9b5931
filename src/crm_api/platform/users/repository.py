from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_api.kit.db import table_of
from crm_api.kit.errors import InvalidTransition
from crm_api.kit.events import Event
from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written
from crm_api.kit.statement import TENANT
from crm_api.kit.words import say

from .errors import HasGone
from .models import User, UserState
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
        if not USER.states[user.state]:
            raise HasGone(user.state)
        return user

    async def leave(
        self, id: UUID, state: UserState, wanted: UserState, event: type[Event]
    ) -> Written[UserRead]:
        """As `move`, of those only who are in this state."""
        user = await self.load(id)
        if user.state != state:
            raise InvalidTransition(
                say(
                    "A record that is {now} cannot become {wanted}.", now=user.state, wanted=wanted
                ),
                current=user.state,
                allowed=list(USER.states[user.state]),
            )
        return self.rewrite(user, event, state=wanted)

    async def states(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        """Of those who are there."""
        found = await self.ctx.work.rows(STATES, {"ids": list(ids)})
        return {row.id: row.state for row in found}
