from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from crm_api.features.customers.schemas import CustomerRead
from crm_api.features.desk.handling.schemas import check_not_closed
from crm_api.features.desk.handling.service import NOTHING
from crm_api.features.desk.messages.schemas import TicketNote, TicketReply
from crm_api.features.desk.messages.service import MessageService
from crm_api.features.desk.queues.service import QueueService
from crm_api.features.desk.terms.schemas import CloseReason, TicketCategory
from crm_api.features.desk.ticket_statuses.resource import TICKET_STATUS
from crm_api.features.desk.tickets.events import TicketAssigned, TicketUpdated
from crm_api.features.desk.tickets.service import Changed, Decided, Sent
from crm_api.kit.context import Context
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.users.service import UserService

from . import rules
from .errors import MacroElsewhere, NobodyToName
from .events import MacroArchived, MacroCreated, MacroRestored, MacroUpdated
from .models import MacroState
from .queries import MacroQuery
from .repository import MacroRepository
from .resource import MACRO
from .schemas import MacroActions, MacroApply, MacroCreate, MacroRead, MacroUpdate


class MacroService:
    """What is done to tickets again and again, in one step."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.macros, self.messages = ctx, MacroRepository(ctx), MessageService(ctx)
        self.handling, self.tickets = self.messages.handling, self.messages.tickets
        self.users, self.queues = UserService(ctx), QueueService(ctx)

    async def list(self, query: MacroQuery) -> Listing:
        return await self.macros.page(query)

    async def get(self, id: UUID) -> Document[MacroRead]:
        return await self.macros.get(id)

    async def create(self, data: MacroCreate) -> Written[MacroRead]:
        """Raises UnknownReference, WrongPlace, ArchivedThere, UnknownUsers."""
        sent = data.changes()
        await self._check_named(sent, vars(data.actions))
        return self.macros.add(MacroCreated, **sent)

    async def update(self, id: UUID, data: MacroUpdate) -> Written[MacroRead]:
        """Raises UnknownReference, WrongPlace, ArchivedThere, UnknownUsers."""
        macro, sent = await self.macros.editable(id), data.changes()
        await self._check_named(sent, vars(data.actions) if "actions" in sent else None)
        return self.macros.rewrite(macro, MacroUpdated, **sent)

    async def archive(self, id: UUID) -> Written[MacroRead]:
        return await self.macros.move(id, MacroState.archived, MacroArchived)

    async def restore(self, id: UUID) -> Written[MacroRead]:
        return await self.macros.move(id, MacroState.live, MacroRestored)

    async def apply(self, ticket: UUID, data: MacroApply) -> Changed:
        """What it says first, then what it changes, all or nothing. Raises ClosedTicket,
        MacroElsewhere, NobodyToName, InvalidTransition, and what it names may raise."""
        await Held(self.ctx, MACRO).check({"/macro_id": data.macro_id})
        held: Sent = {}

        async def look(found: Sent) -> Decided:
            nonlocal held
            check_not_closed(found)
            held = found
            return NOTHING

        await self.tickets.place(ticket, look)
        actions = await self.macros.for_unit(data.macro_id, held["business_unit_id"])
        if actions is None:
            raise MacroElsewhere
        await self._say(ticket, actions)
        return await self.tickets.place(ticket, partial(self._done, actions), seen=False)

    async def _say(self, ticket: UUID, actions: MacroActions) -> None:
        texts = actions.reply, actions.note
        known = await self._known(ticket) if rules.asked(*texts) else {}
        if actions.reply:
            said = TicketReply(text=rules.filled(actions.reply, known))
            await self.messages.reply(ticket, said)
        if actions.note:
            await self.messages.note(ticket, TicketNote(text=rules.filled(actions.note, known)))

    async def _known(self, id: UUID) -> Mapping[str, str]:
        """What placeholders stand for. Raises NobodyToName."""
        ticket = (await self.tickets.get(id, ["requester"])).value
        if not isinstance(ticket.requester, CustomerRead):
            raise NobodyToName
        told = (ticket.number, ticket.subject, ticket.requester.name)
        return dict(zip(rules.KNOWN, told, strict=True))

    async def _done(self, actions: MacroActions, ticket: Sent) -> Decided:
        values = rules.columns(ticket, vars(actions))
        happened = [TicketUpdated] if values else []
        if "queue_id" in values:
            await self.queues.check_live(values["queue_id"])
        given, passed = await self._given(actions.assignee_id, ticket)
        gone, moved = await self._gone(actions.status_id, ticket)
        return [*happened, *given, *gone], {**values, **passed, **moved}

    async def _given(self, user: UUID | None, ticket: Sent) -> Decided:
        if user is None or user == ticket["assignee_id"]:
            return NOTHING
        await self.users.check_named({"/macro_id": user})
        return [TicketAssigned], {"assignee_id": user}

    async def _gone(self, status: UUID | None, ticket: Sent) -> Decided:
        if status is None or status == ticket["status_id"]:
            return NOTHING
        to = await self.handling.statuses.category_of(status)
        happened, values = await self.handling.carried(ticket, to)
        ends = {"close_reason": CloseReason.resolved} if to == TicketCategory.closed else {}
        return happened or [TicketUpdated], {**values, **ends, "status_id": status}

    async def _check_named(self, sent: dict[str, Any], actions: Mapping[str, Any] | None) -> None:
        """Raises UnknownReference, WrongPlace, ArchivedThere, UnknownUsers."""
        if sent.get("business_unit_id"):
            await BusinessUnitService(self.ctx).check_live(sent["business_unit_id"])
        if actions is None:
            return
        await Held(self.ctx, TICKET_STATUS).check(rules.named(actions, "status_id"))
        for place, queue in rules.named(actions, "queue_id").items():
            await self.queues.check_live(queue, place)
        await self.users.check_named(rules.named(actions, "assignee_id"))
