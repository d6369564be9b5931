from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.desk.handling.schemas import check_not_closed, check_stands
from crm_api.features.desk.handling.service import NOTHING, HandlingService
from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.features.desk.tickets.events import TicketCustomerWrote, TicketReplied
from crm_api.features.desk.tickets.service import Decided, Sent
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from . import rules
from .repository import Make, MessageRepository
from .schemas import (
    MessageQuery,
    MessagesOf,
    TicketMessageRead,
    TicketNote,
    TicketReceipt,
    TicketReply,
)

Message = Written[TicketMessageRead]


class MessageService:
    """What was said about tickets: by customers, to them, and about them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.messages = ctx, MessageRepository(ctx)
        self.handling = HandlingService(ctx)
        self.tickets, self.customers = self.handling.tickets, Held(ctx, CUSTOMER)

    async def of(self, ticket: UUID, query: MessageQuery) -> Listing:
        await self.tickets.get(ticket)
        return await self.messages.page(MessagesOf(ticket_id=ticket, **query.model_dump()))

    async def get(self, id: UUID) -> Document[TicketMessageRead]:
        return await self.messages.get(id)

    async def note(self, ticket: UUID, data: TicketNote) -> Message:
        return await self.noted(ticket, data.changes())

    async def noted(self, ticket: UUID, said: Sent) -> Message:
        """What is no answer, also where it is over: once by its `external_id`."""
        made = self._ours(said)
        if known := await self.known(made):
            return known

        async def decide(ticket: Sent) -> Decided:
            await self.messages.write_down(ticket, made)
            return NOTHING

        await self.tickets.place(ticket, decide, seen=False)
        return self._written(made)

    async def reply(self, ticket: UUID, data: TicketReply) -> Message:
        """To what stands for it, if it is merged. Raises ClosedTicket, InvalidTransition."""
        said = data.changes()
        then = said.pop("then", None)
        made = {**self._ours(said), "is_public": True}

        async def decide(ticket: Sent) -> Decided:
            check_stands(ticket)
            check_not_closed(ticket)
            await self.messages.write_down(ticket, made)
            more, values = await self.handling.carried(ticket, then or ticket["category"])
            return [TicketReplied, *more], {**values, **rules.answered(ticket, self.ctx.now)}

        to: UUID | None = ticket
        while to:
            deed = partial(self.tickets.place, to, decide, seen=to == ticket)
            to = await self.handling.elsewhere(deed)
        return self._written(made)

    async def receive(self, ticket: UUID, data: TicketReceipt) -> Message:
        """As `received`, by whoever may change the ticket. Raises NotFound, OutOfReach."""
        await self.tickets.check_changeable(ticket)
        return await self.received(ticket, data.changes())

    async def received(self, ticket: UUID, said: Sent) -> Message:
        """What a customer has written to a ticket, once by its `external_id`; where it is merged or
        over, to what stands for it, or follows it. Raises UnknownReference, ArchivedThere."""
        made = rules.theirs(self.ctx.new_id(), said)
        if known := await self.known(made):
            return known
        await self.customers.check(rules.writer(said))
        to: UUID | None = await self.tickets.heir(ticket)
        while to:
            to = await self._reach(to, made)
        return self._written(made)

    async def begun(self, ticket: Sent, said: Sent) -> Message:
        """The first that a customer has written, with what is known of the new ticket. Raises what
        `TicketService.seen_first` does."""
        made = rules.theirs(self.ctx.new_id(), said)
        if known := await self.known(made):
            return known
        begins = {**ticket, **rules.begins(made, self.ctx.now)}
        opened = await self.tickets.seen_first(begins)
        await self.tickets.write_new()
        await self.messages.write_down({**begins, "id": opened.id}, made)
        return self._written(made)

    async def take_out(self, ids: Collection[UUID], of: Collection[UUID], make: Make) -> Sent:
        """From some tickets to the one that is made of them. Raises UnknownReference."""
        return await self.messages.take_out(ids, of, make)

    async def known(self, made: Sent) -> Message | None:
        id = await self.messages.known(made)
        return Written(TicketMessageRead, id, 1, "unchanged") if id else None

    async def settle(self, id: UUID, event: type[Event], **values: object) -> None:
        for row in await self.messages.load_any([id]):
            self.messages.bring_about(row, event, **values)

    async def _reach(self, to: UUID, made: Sent) -> UUID | None:
        """Where it goes on instead, as long as it does."""
        self.over: Sent | None = None
        deed = partial(self.tickets.bring, [to], partial(self._take_in, made))
        if (into := await self.handling.elsewhere(deed)) or self.over is None:
            return into
        next = await self.tickets.heir(to)
        if next != to:
            return next
        follows = await self.tickets.follow(self.over, rules.begins(made, self.ctx.now))
        await self.tickets.write_new()
        await self.messages.write_down(follows, made)
        return None

    async def _take_in(self, made: Sent, ticket: Sent) -> Decided:
        check_stands(ticket)
        if rules.goes_on_elsewhere(ticket, self.ctx.tenant.reopen_days, self.ctx.now):
            self.over = ticket
            return NOTHING
        await self.messages.write_down(ticket, made)
        then, values = await self.handling.carried(ticket, TicketCategory.open)
        return [TicketCustomerWrote, *then], {**values, **rules.heard(ticket, self.ctx.now)}

    def _ours(self, said: Sent) -> dict[str, Any]:
        return {"id": self.ctx.new_id(), **rules.ours(said, self.ctx.actor.user_id)}

    def _written(self, made: Sent) -> Message:
        return Written(TicketMessageRead, made["id"], 1, "created")
