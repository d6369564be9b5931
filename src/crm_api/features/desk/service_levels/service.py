from collections.abc import Collection
from uuid import UUID

from crm_api.features.desk.clocks.schemas import SlaEventQuery, SlaRead
from crm_api.features.desk.clocks.service import ClockService
from crm_api.features.desk.consequences.service import TIMER
from crm_api.features.desk.sla_policies.service import SlaPolicyService
from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing

from .repository import TicketClocksRepository


class ServiceLevelService:
    """Why tickets are due when they are, what became of their clocks, and what follows for them
    where a policy or a calendar changes."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.clocks = ctx, ClockService(ctx)
        self.tickets = TicketClocksRepository(ctx)

    async def explain(self, ticket: UUID) -> SlaRead:
        return await self.clocks.explain((await self.tickets.get(ticket)).value.clocks)

    async def history(self, ticket: UUID, query: SlaEventQuery) -> Listing:
        await self.tickets.get(ticket)
        return await self.clocks.history(ticket, query)

    async def reckon_anew(self, policies: Collection[UUID]) -> None:
        """Open clocks under these policies follow what they say now, each ticket by itself."""
        ids = await self.tickets.open_under(policies)
        await timers.hasten_all(self.ctx, TIMER, ids, self.ctx.tenant.id, self.ctx.now)

    async def follow_calendar(self, calendar: UUID) -> None:
        """The same where the hours of a calendar are others."""
        await self.reckon_anew(await SlaPolicyService(self.ctx).by_calendar(calendar))
