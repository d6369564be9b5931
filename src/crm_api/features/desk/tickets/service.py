from collections.abc import Mapping
from typing import Any

from crm_api.kit.context import Context
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.chosen import ChosenUnits
from crm_api.platform.custom_fields.searching import Searching
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.number_patterns.numbering import Unnumbered
from crm_api.platform.users.service import UserService

from . import rules
from .criteria import TICKETS
from .queries import TicketQuery
from .repository import TicketRepository
from .resource import TICKET
from .schemas import TicketCreate, TicketRead

One = Document[TicketRead]
Changed = Written[TicketRead]
Sent = Mapping[str, Any]


class TicketService(Searching[TicketRead, TicketQuery]):
    """What customers want of the service desk."""

    fields = TICKETS

    def __init__(self, ctx: Context) -> None:
        self.tickets = TicketRepository(ctx)
        super().__init__(ctx, self.tickets)
        self.custom, self.users = CustomValues(ctx, TICKET), UserService(ctx)
        self.units = ChosenUnits(ctx, rules.WRITE)
        self.unnumbered = Unnumbered(ctx, TICKET.word)

    async def create(self, data: TicketCreate) -> Changed:
        created = await self.seen_first(data.changes())
        await self.write_new()
        return created

    async def seen_first(self, sent: Sent) -> Changed:
        """Raises IncompleteTicket, UnfitTicket, and what it names may raise."""
        unit = await self.units.choose(sent.get("business_unit_id"))
        sent = await self.custom.complete({**sent, "business_unit_id": unit})
        ticket = {**rules.begun(sent), "id": self.ctx.new_id()}
        await self._check_named({}, sent)
        self.unnumbered.keep(ticket)
        return Written(TicketRead, ticket["id"], 1, "created")

    async def write_new(self) -> None:
        """Tickets that were seen first get their numbers together."""
        for ticket in await self.unnumbered.numbered():
            self.tickets.add_new(**ticket)

    async def _check_named(self, before: Sent, sent: Sent) -> None:
        """Raises UnknownReference, ArchivedThere, UnknownUsers, UnfitTicket."""
        await self.tickets.check_named(before, sent)
        await self.users.check_named(rules.newly("assignee_id", before, sent))
