import asyncio
from uuid import UUID

from crm_api.features.desk.channels.schemas import (
    BY_MAIL,
    BY_REQUESTS,
    ChannelKind,
    WayIn,
    read_key,
)
from crm_api.features.desk.channels.service import ChannelService
from crm_api.features.desk.messages.service import Message, MessageService
from crm_api.features.desk.requesters.schemas import Writer
from crm_api.features.desk.requesters.service import RequesterService
from crm_api.kit.actor import OPERATOR, Actor, Reach
from crm_api.kit.context import Context, House
from crm_api.kit.covering import EVERYTHING
from crm_api.kit.errors import NotFound, Unauthenticated
from crm_api.kit.ids import uuid7
from crm_api.kit.mail.reading import read
from crm_api.kit.signed import Signer
from crm_api.kit.uploads import Upload
from crm_api.kit.whole import whole
from crm_api.platform.access.standing import Asker, as_he_stands
from crm_api.platform.parties.rules import phone

from . import rules
from .errors import NoRoom, NotByThisChannel
from .repository import InboundRepository
from .rules import Came, Said
from .schemas import InboundForm, InboundMessage, InboundOutcome, InboundReceipt

DELIVER = "channels:deliver"


async def signer(house: House, word: str, id: UUID) -> Signer | None:
    """Whoever has the secret of a live channel, by its `inbound_key` and its id."""
    named = read_key(word)
    if named is None or named[1] != id:
        return None
    try:
        actor = await as_he_stands(house, named[0], Asker(OPERATOR, frozenset({DELIVER}), False))
        if actor is None:
            return None
        async with whole(Context.open(house, actor, f"req_{uuid7().hex}")) as ctx:
            return Signer(actor, (await ChannelService(ctx).way_in(id)).secrets)
    except (NotFound, Unauthenticated):
        return None


class InboundService:
    """What comes in by channels."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.channels = ctx, ChannelService(ctx)

    async def mail(self, channel: UUID, upload: Upload) -> InboundReceipt:
        """Reading may take a second of a processor, and so is done in a thread."""
        way = await self._way(channel, *BY_MAIL)
        ours = await self.channels.ours()
        letter = await asyncio.to_thread(read, raw := upload.file.read(), ours)
        return await self._take(way, rules.of_letter(letter, raw))

    async def form(self, channel: UUID, form: InboundForm) -> InboundReceipt:
        way, sent = await self._way(channel, *BY_MAIL), form.changes()
        given = sent.get("phone")
        number = phone(given, self.ctx.tenant.phone_region, "/phone") if given else None
        return await self._take(way, rules.of_form(sent, number))

    async def message(self, channel: UUID, message: InboundMessage) -> InboundReceipt:
        way = await self._way(channel, *BY_REQUESTS, ChannelKind.web_form)
        return await self._take(way, rules.of_message(message.changes()))

    async def _way(self, channel: UUID, *kinds: ChannelKind) -> WayIn:
        """Raises NotFound, NotByThisChannel."""
        way = await self.channels.way_in(channel)
        if way.kind not in kinds:
            raise NotByThisChannel(way.kind)
        return way

    async def _take(self, way: WayIn, came: Came | None) -> InboundReceipt:
        if came is None:
            return _receipt(InboundOutcome.dropped)
        return await Taking(self.ctx, way, await self._unit(way)).take(came)

    async def _unit(self, way: WayIn) -> UUID:
        """Raises NoRoom."""
        unit = way.business_unit_id or await InboundRepository(self.ctx).above_all()
        if unit is None:
            raise NoRoom
        return unit


class Taking:
    """One message that a channel brings. A channel reaches all customers and tickets, whoever
    hands it in: what it answers tells nothing of them."""

    def __init__(self, ctx: Context, way: WayIn, unit: UUID) -> None:
        who = ctx.actor
        ctx.act_as(Actor(who.id, who.tenant, frozenset({EVERYTHING}), reach=Reach(home=unit)))
        ctx.unit = unit
        self.ctx, self.way, self.unit = ctx, way, unit
        self.known, self.messages = InboundRepository(ctx), MessageService(ctx)
        self.requesters = RequesterService(ctx)

    async def take(self, came: Came) -> InboundReceipt:
        said = rules.written(self.way, came)
        if known := await self.messages.known(said):
            return await self._told(InboundOutcome.known, known)
        ticket = await self.known.ticket_of(came.thread, self.way.id)
        if came.writer is None or (came.is_noted and ticket):
            return await self._note(ticket, said)
        customer = await self.requesters.of(self.way.id, self.way.kind.value, came.writer)
        ticket = ticket or await self._ticket(came, came.writer, customer)
        if came.is_noted and ticket:
            return await self._note(ticket, said)
        said["customer_id"] = customer
        deed = self.messages.received(ticket, said) if ticket else self._begin(came, customer, said)
        return await self._told(InboundOutcome.received, await deed)

    async def _note(self, ticket: UUID | None, said: Said) -> InboundReceipt:
        """What a machine has written about a ticket wakes nobody."""
        if ticket is None:
            return _receipt(InboundOutcome.dropped)
        note = await self.messages.noted(ticket, said)
        return await self._told(InboundOutcome.noted, note)

    async def _ticket(self, came: Came, writer: Writer, customer: UUID) -> UUID | None:
        found = await self.known.mentioned(came.thread.numbers, customer, writer.address)
        if found is None and came.thread.goes_on:
            return await self.known.goes_on(customer, self.way.id)
        return found

    async def _begin(self, came: Came, customer: UUID, said: Said) -> Message:
        begun = rules.begun(came, self.ctx.tenant.languages)
        of = {"requester_id": customer, "business_unit_id": self.unit}
        return await self.messages.begun({**begun, **of}, said)

    async def _told(self, outcome: InboundOutcome, message: Message) -> InboundReceipt:
        ticket = (await self.messages.get(message.id)).value.ticket_id
        return _receipt(outcome, message.id, ticket)


def _receipt(
    outcome: InboundOutcome, message: UUID | None = None, ticket: UUID | None = None
) -> InboundReceipt:
    return InboundReceipt(
        object="inbound_receipt", outcome=outcome, message_id=message, ticket_id=ticket
    )
