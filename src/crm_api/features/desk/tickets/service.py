from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.features.desk.consequences.service import ConsequenceService
from crm_api.features.desk.ticket_statuses.service import TicketStatusService
from crm_api.kit.context import Context
from crm_api.kit.db import detached
from crm_api.kit.errors import OutOfReach
from crm_api.kit.events import Event
from crm_api.kit.looking import seen_of
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.audit.remembering import Remembering
from crm_api.platform.business_units.chosen import ChosenUnits
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.number_patterns.numbering import Unnumbered
from crm_api.platform.users.service import UserService

from . import events, rules
from .criteria import TICKETS, document
from .models import Ticket
from .queries import TicketAggregate, TicketQuery, TicketSearch
from .repository import TicketRepository
from .resource import TICKET
from .schemas import TicketCreate, TicketRead, TicketUpdate

Changed = Written[TicketRead]
Sent = Mapping[str, Any]
Told = Sequence[type[Event]]
Decided = tuple[Told, Sent]
Decide = Callable[[Sent], Awaitable[Decided]]


class TicketService(Remembering[TicketRead, TicketQuery]):
    """What customers want of the service desk."""

    fields = TICKETS
    noun = TICKET

    def __init__(self, ctx: Context) -> None:
        self.tickets = TicketRepository(ctx)
        super().__init__(ctx, self.tickets)
        self.custom, self.users = CustomValues(ctx, TICKET), UserService(ctx)
        self.units, self.statuses = ChosenUnits(ctx, rules.WRITE), TicketStatusService(ctx)
        self.consequences = ConsequenceService(ctx, document)
        self.unnumbered = Unnumbered(ctx, TICKET.word)

    async def aggregate(self, asked: TicketAggregate) -> bytes:
        return await self._figures(TicketSearch(), asked)

    async def by_external_id(
        self, system: str, value: str, expand: Expand = ()
    ) -> Document[TicketRead]:
        return await self.tickets.by_external_id(system, value, expand)

    async def create(self, data: TicketCreate) -> Changed:
        created = await self.seen_first(data.changes())
        await self.write_new()
        return created

    async def update(self, id: UUID, data: TicketUpdate) -> Changed:
        return await self.seen_again(await self.tickets.load(id), data.changes())

    async def place(self, id: UUID, decide: Decide, *, seen: bool = True) -> Changed:
        """Takes a ticket to where `decide` says; unless `seen`, whatever version was seen."""
        row = await (self.tickets.load(id) if seen else self.tickets.mine(id))
        return await self._take_on(row, *await decide(vars(row)))

    async def bring(
        self, ids: Collection[UUID], decide: Decide, *, anew: bool = False
    ) -> list[Changed]:
        """The same of those that are there, whoever calls; `anew` for who comes with the timer."""
        rows = await self.tickets.load_any(list(ids))
        return [await self._take_on(row, *await decide(vars(row)), anew=anew) for row in rows]

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Ticket]:
        """What tickets are going to name is looked for at once."""
        self.unnumbered = Unnumbered(self.ctx, TICKET.word)
        await self.tickets.look_up(sent)
        await self.consequences.look_up(id for one in sent if (id := one.get("requester_id")))
        await self.users.look_up(id for one in sent for id in rules.users_in({}, one).values())
        await self.custom.look_up(sent)
        return await self.tickets.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        """Raises IncompleteTicket, UnfitTicket, and what it names may raise."""
        rules.check_complete(sent)
        unit = await self.units.choose(sent.get("business_unit_id"))
        sent = await self.custom.complete({**sent, "business_unit_id": unit})
        ticket = {**rules.begun(sent, self.ctx.actor.user_id), "id": self.ctx.new_id()}
        await self._check_named({}, sent)
        await self._begin(ticket)
        return Written(TicketRead, ticket["id"], 1, "created")

    async def follow(self, over: Sent, said: Sent) -> Sent:
        """A new ticket in place of one that is over."""
        ticket = {**rules.following(over), "id": self.ctx.new_id(), **said}
        ticket["custom"] = await self.custom.inherited(detached(Ticket, dict(over)))
        return await self._begin(ticket)

    async def heir(self, id: UUID) -> UUID:
        """What stands for a ticket that is merged, or follows one that is over; else itself."""
        return await self.tickets.heir(id)

    async def check_changeable(self, id: UUID) -> None:
        """Raises NotFound, OutOfReach."""
        if not await seen_of(self.ctx, Ticket, [id], "write"):
            await self.tickets.get(id)
            raise OutOfReach

    async def write_new(self) -> None:
        """Tickets that were seen first get their numbers together."""
        for ticket in await self.unnumbered.numbered():
            self.tickets.add_new(**ticket)

    async def seen_again(self, row: Ticket, sent: Sent) -> Changed:
        """As others see it now. Raises SettledTicket, and what `seen_first` does."""
        before = vars(row)
        rules.check_settled(before, sent)
        sent = await self.custom.revised(row, sent)
        await self._check_named(before, sent)
        if status := sent.get("status_id"):
            await self.statuses.choose(status, row.category)
        return await self._take_on(row, [events.TicketUpdated], rules.columns(before, sent))

    async def _take_on(
        self, row: Ticket, told: Told, values: Sent, *, anew: bool = False
    ) -> Changed:
        """The one place where tickets change: what follows from a change follows here."""
        told, changed = await self.consequences.of_change(vars(row), told, values, anew=anew)
        if not told and not changed:
            return Written(TicketRead, row.id, row.version, "unchanged")
        await self.consequences.look_again(row.id, changed.get("snoozed_until"))
        return self.tickets.take_on(row, told or [events.TicketUpdated], changed)

    async def _begin(self, ticket: dict[str, Any]) -> dict[str, Any]:
        status, category = ticket.get("status_id"), ticket["category"]
        ticket["status_id"] = await self.statuses.choose(status, category)
        told, values = await self.consequences.of_new(ticket)
        ticket |= values
        self.unnumbered.keep({**ticket, "told": told})
        return ticket

    async def _check_named(self, before: Sent, sent: Sent) -> None:
        """Raises UnknownReference, ArchivedThere, UnknownUsers, UnfitTicket."""
        await self.tickets.check_named(before, sent)
        await self.users.check_named(rules.users_in(before, sent))
