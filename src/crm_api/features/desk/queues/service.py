from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_api.features.desk.agents.service import AgentService
from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .events import QueueArchived, QueueCreated, QueueRestored, QueueUpdated
from .models import QueueState
from .queries import QueueQuery
from .repository import QueueRepository
from .resource import QUEUE
from .schemas import QueueCreate, QueueMembersChange, QueueRead, QueueUpdate

TIMER = "queues"


class QueueService:
    """Where tickets wait for one of several agents."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.queues = QueueRepository(ctx)

    async def list(self, query: QueueQuery) -> Listing:
        return await self.queues.page(query)

    async def get(self, id: UUID) -> Document[QueueRead]:
        return await self.queues.get(id)

    async def create(self, data: QueueCreate) -> Written[QueueRead]:
        """Raises UnknownReference, WrongPlace, ArchivedThere."""
        sent = data.changes()
        await self._check_unit(sent)
        await self._check_agents((), data.member_ids, "/member_ids")
        members = rules.told(data.member_ids)
        return self.queues.add(QueueCreated, **sent | {"member_ids": members})

    async def update(self, id: UUID, data: QueueUpdate) -> Written[QueueRead]:
        """Raises UnknownReference, WrongPlace."""
        queue, sent = await self.queues.editable(id), data.changes()
        await self._check_unit(sent)
        return self.queues.rewrite(queue, QueueUpdated, **sent)

    async def add_members(self, id: UUID, data: QueueMembersChange) -> Written[QueueRead]:
        """Raises UnknownReference, ArchivedThere, TooManyMembers."""
        queue = await self.queues.editable(id)
        await self._check_agents(queue.member_ids, data.agent_ids, "/agent_ids")
        members = rules.joined(queue.member_ids, data.agent_ids)
        return self.queues.rewrite(queue, QueueUpdated, member_ids=members)

    async def remove_members(self, id: UUID, data: QueueMembersChange) -> Written[QueueRead]:
        queue = await self.queues.editable(id)
        left = rules.without(queue.member_ids, data.agent_ids)
        return self.queues.rewrite(queue, QueueUpdated, member_ids=left)

    async def archive(self, id: UUID) -> Written[QueueRead]:
        return await self.queues.move(id, QueueState.archived, QueueArchived)

    async def restore(self, id: UUID) -> Written[QueueRead]:
        return await self.queues.move(id, QueueState.live, QueueRestored)

    async def default(self) -> UUID | None:
        """The live queue for what no rule sends elsewhere, if there is one."""
        return await self.queues.default()

    async def offer(self, user: UUID) -> None:
        """Somebody may take more: what waits in the queues of the agent who a user is."""
        await self.look_through(await self.queues.of_user(user))

    async def look_through(self, queues: Sequence[UUID]) -> None:
        """Soon, whether what waits there can be given to somebody."""
        if queues:
            ctx = self.ctx
            await timers.hasten_all(ctx, TIMER, queues, ctx.tenant.id, ctx.now)

    async def check_live(self, id: UUID, pointer: str = "/queue_id") -> None:
        """Raises UnknownReference, ArchivedThere."""
        await Held(self.ctx, QUEUE).check({pointer: id})

    async def _check_unit(self, sent: dict[str, Any]) -> None:
        if sent.get("business_unit_id"):
            await BusinessUnitService(self.ctx).check_live(sent["business_unit_id"])

    async def _check_agents(
        self, before: Sequence[str], sent: Sequence[UUID], pointer: str
    ) -> None:
        if new := rules.newly(before, sent, pointer):
            await AgentService(self.ctx).check_live(new)
