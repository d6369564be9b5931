from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select

from crm_api.features.desk.agents.resource import AGENT
from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.naming import NamedRepository
from crm_api.kit.projection import Written
from crm_api.kit.statement import TENANT, quoted

from . import rules
from .models import Queue, QueueMember
from .resource import QUEUE
from .schemas import QueueRead

QUEUES = table_of(Queue)
DEFAULT = select(QUEUES.c.id).where(
    QUEUES.c.tenant_id == TENANT, QUEUES.c.state == quoted("live"), QUEUES.c.is_default
)

MEMBERS, AGENTS = table_of(QueueMember), table_of(AGENT.model)
MINE = and_(MEMBERS.c.tenant_id == TENANT, MEMBERS.c.agent_id == AGENTS.c.id)
OF_USER = (
    select(MEMBERS.c.queue_id)
    .join_from(
        AGENTS, MEMBERS, and_(MEMBERS.c.tenant_id == TENANT, MEMBERS.c.agent_id == AGENTS.c.id)
    )
    .where(AGENTS.c.tenant_id == TENANT, AGENTS.c.user_id == bindparam("user", type_=Uuid()))
    .order_by(MEMBERS.c.queue_id)
)


class QueueRepository(NamedRepository[Queue, QueueRead]):
    model = Queue
    noun = QUEUE
    read = QueueRead

    def add(self, event: type[Event], **values: Any) -> Written[QueueRead]:
        written = super().add(event, **values)
        self._list(written.id, (), values["member_ids"])
        return written

    def rewrite(self, row: Queue, event: type[Event], **values: Any) -> Written[QueueRead]:
        if "member_ids" in values:
            self._list(row.id, row.member_ids, values["member_ids"])
        return super().rewrite(row, event, **values)

    async def default(self) -> UUID | None:
        """The live queue for what no rule sends elsewhere."""
        found = await self.ctx.work.rows(DEFAULT, {})
        return found[0].id if found else None

    async def of_user(self, user: UUID) -> list[UUID]:
        """Those of which the agent who a user is takes tickets."""
        return [row.queue_id for row in await self.ctx.work.rows(OF_USER, {"user": user})]

    def _list(self, queue: UUID, before: Sequence[str], after: list[str]) -> None:
        gone, come = rules.known(before), rules.known(after)
        for agent in sorted(gone - come):
            self.unlink(QueueMember, agent_id=agent, queue_id=queue)
        for agent in sorted(come - gone):
            self.link(QueueMember, agent_id=agent, queue_id=queue)
