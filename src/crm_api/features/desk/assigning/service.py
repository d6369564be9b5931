from datetime import datetime
from functools import partial
from uuid import UUID

from crm_api.features.desk.agents.service import AgentService
from crm_api.features.desk.giving.events import TicketRouted
from crm_api.features.desk.giving.schemas import waits
from crm_api.features.desk.loads.service import LoadService
from crm_api.features.desk.queues.service import QueueService
from crm_api.features.desk.routing.service import RoutingService
from crm_api.features.desk.terms.schemas import UNSOLVED
from crm_api.features.desk.tickets.service import Changed, Decided, Sent, TicketService
from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.platform.jobs.service import JobService

from .errors import NoQueue, NothingToRoute
from .repository import AssigningRepository
from .schemas import TicketRoute

LEAVERS, HANDOVER = "desk_leavers", "users.handover"
NOTHING: Decided = ((), {})


class AssigningService:
    """What waits is given to whoever comes, and what somebody leaves behind to others."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.repository = ctx, AssigningRepository(ctx)
        self.tickets, self.queues = TicketService(ctx), QueueService(ctx)

    async def route(self, id: UUID, data: TicketRoute) -> Changed:
        """Raises ClosedTicket, UnknownReference, ArchivedThere."""
        return await self.tickets.place(id, partial(self._routed, data.queue_id))

    async def give(self, queue: UUID) -> datetime | None:
        """The first of what waits in a queue that somebody can take; when to look again, which is
        now as long as there may be more. One in each unit of work: its locks are few and short."""
        waiting = await self.repository.waiting(queue)
        able = await RoutingService(self.ctx).able(queue, [one.skills for one in waiting])
        if able is None:
            return None
        done = await self.tickets.bring([waiting[able].id], self._given)
        return self.ctx.now if any(one.outcome == "updated" for one in done) else None

    async def leave(self, user: UUID) -> datetime | None:
        """What somebody who is gone has not done waits in its queues again."""
        ids = await self.repository.of_user(user)
        await self.tickets.bring(ids, self._left)
        return self.ctx.now if ids else None

    async def left(self, user: UUID) -> None:
        await timers.hasten(self.ctx, LEAVERS, user, self.ctx.tenant.id, self.ctx.now)

    async def agent_left(self, agent: UUID) -> None:
        await self.left((await AgentService(self.ctx).get(agent)).value.user_id)

    async def agent_came(self, agent: UUID) -> None:
        """Or may take more than before."""
        await self.queues.offer((await AgentService(self.ctx).get(agent)).value.user_id)

    async def agent_counted(self, agent: UUID) -> None:
        """Whoever becomes an agent may have tickets already."""
        user = (await AgentService(self.ctx).get(agent)).value.user_id
        await LoadService(self.ctx).recount([user])

    async def job_done(self, job: UUID) -> None:
        """A handover gives tickets to others past the desk."""
        document, _ = await JobService(self.ctx).get(job)
        if document.value.kind == HANDOVER:
            await LoadService(self.ctx).recount(None)

    async def _given(self, ticket: Sent) -> Decided:
        if not waits(ticket):
            return NOTHING
        user = await self.tickets.consequences.giving.take_turn(ticket)
        return ([TicketRouted], {"assignee_id": user}) if user else NOTHING

    async def _left(self, ticket: Sent) -> Decided:
        is_open = ticket["category"] in UNSOLVED
        return ([TicketRouted], {"assignee_id": None}) if is_open else NOTHING

    async def _routed(self, queue: UUID | None, ticket: Sent) -> Decided:
        if ticket["category"] not in UNSOLVED:
            raise NothingToRoute
        if queue:
            await self.queues.check_live(queue)
        to = {"queue_id": queue or ticket["queue_id"], "assignee_id": None}
        if to["queue_id"] is None:
            raise NoQueue
        user = await self.tickets.consequences.giving.take_turn({**ticket, **to})
        return [TicketRouted], {**to, "assignee_id": user}
