from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import bindparam, select

from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from .models import Agent, AgentLoad
from .resource import AGENT
from .schemas import AgentRead

AGENTS = table_of(Agent)
OF_USER = select(AGENTS.c.id).where(
    AGENTS.c.tenant_id == TENANT, AGENTS.c.user_id == bindparam("user")
)


class AgentRepository(Repository[Agent, AgentRead]):
    model = Agent
    noun = AGENT
    read = AgentRead
    told_by_bytes: ClassVar[bool] = True

    def add(self, event: type[Event], **values: Any) -> Written[AgentRead]:
        written = super().add(event, **values)
        self.link(AgentLoad, agent_id=written.id, load=0, turn=0)
        return written

    async def of_user(self, user: UUID) -> Agent | None:
        """Locked, whatever the caller may change."""
        found = await self.ctx.work.rows(OF_USER, {"user": user})
        rows = await self.load_any([row.id for row in found]) if found else []
        return rows[0] if rows else None
