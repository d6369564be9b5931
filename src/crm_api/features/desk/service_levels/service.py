from collections.abc import Collection, Sequence
from uuid import UUID

from crm_api.features.desk.clocks.schemas import SlaEventQuery, SlaRead, understood
from crm_api.features.desk.clocks.service import ClockService, Past
from crm_api.features.desk.consequences.service import TIMER
from crm_api.features.desk.fitting.service import FittingService
from crm_api.features.desk.sla_policies.service import SlaPolicyService
from crm_api.features.desk.terms.schemas import ClockKind
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.kit.looking import seen_of
from crm_api.kit.pages import Listing

from .repository import TicketClocksRepository
from .rules import PastTicket, counted, deeds, is_late
from .schemas import SimulatedClocks, SlaSimulated, SlaSimulation

MOST_SHOWN = 50


class ServiceLevelService:
    """Why tickets are due when they are, what became of their clocks, and what follows for them
    where a policy or a calendar changes."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.clocks = ctx, ClockService(ctx)
        self.tickets, self.policies = TicketClocksRepository(ctx), SlaPolicyService(ctx)
        self.fitting = FittingService(ctx)

    async def explain(self, ticket: UUID) -> SlaRead:
        return await self.clocks.explain((await self.tickets.get(ticket)).value.clocks)

    async def history(self, ticket: UUID, query: SlaEventQuery) -> Listing:
        await self.tickets.get(ticket)
        return await self.clocks.history(ticket, query)

    async def simulate(self, policy: UUID, asked: SlaSimulation) -> SlaSimulated:
        """What a policy would have made of past tickets. Raises NotFound."""
        known = (await self.policies.get(policy)).value
        past = await self.tickets.past(asked, known.business_unit_id)
        fitting = await self._fitting(policy, past)
        now = self.ctx.now
        runs = [Past(t.priority, t.created_at, t.closed_at or now, deeds(t)) for t in fitting]
        would = await self.clocks.simulate(policy, runs)
        did = [understood(ticket.clocks) for ticket in fitting]
        late = [t.id for t, clocks in zip(fitting, would, strict=True) if is_late(clocks)]
        return SlaSimulated(
            object="sla_simulated",
            tickets=len(past),
            fitting=len(fitting),
            clocks=[SimulatedClocks(clock=k, **counted(k, would, did)) for k in ClockKind],
            breached_ids=await self._shown(late),
        )

    async def _fitting(self, policy: UUID, past: Sequence[PastTicket]) -> list[PastTicket]:
        conditions = await self.policies.conditions(policy)
        if conditions is None:
            return list(past)
        documents = await self.tickets.documents([ticket.id for ticket in past])
        await self.fitting.look_up(ticket.requester_id for ticket in past)
        pairs = zip(documents, (ticket.requester_id for ticket in past), strict=True)
        about = [await self.fitting.beside(*pair) for pair in pairs]
        met = await self.fitting.met_by(conditions, about)
        return [ticket for ticket, fits in zip(past, met, strict=True) if fits]

    async def _shown(self, ids: Sequence[UUID]) -> list[UUID]:
        """Those that the caller sees, in their order."""
        seen = await seen_of(self.ctx, TICKET.model, ids)
        return [id for id in ids if id in seen][:MOST_SHOWN]

    async def reckon_anew(self, policies: Collection[UUID]) -> None:
        """Open clocks under these policies follow what they say now, each ticket by itself."""
        ids = await self.tickets.open_under(policies)
        await timers.hasten_all(self.ctx, TIMER, ids, self.ctx.tenant.id, self.ctx.now)

    async def follow_calendar(self, calendar: UUID) -> None:
        """The same where the hours of a calendar are others."""
        await self.reckon_anew(await self.policies.by_calendar(calendar))
