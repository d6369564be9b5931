from collections.abc import Callable, Collection, Sequence
from functools import partial
from uuid import UUID

from crm_api.features.desk.handling.events import TicketClosed
from crm_api.features.desk.handling.service import NOTHING
from crm_api.features.desk.messages.service import MessageService
from crm_api.features.desk.terms.schemas import CloseReason, LinkKind, TicketCategory
from crm_api.features.desk.tickets.schemas import TicketRead
from crm_api.features.desk.tickets.service import Changed, Decide, Decided, Sent
from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound, UnknownReference
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.undoing import undone_if_it_fails

from . import rules
from .errors import OneMore
from .events import TicketAbsorbed, TicketLinked, TicketMerged, TicketSplit, TicketUnlinked
from .repository import TieRepository
from .schemas import TicketLinkTo, TicketMerge, TicketSplitOff

Told = type[Event]
Linking = Callable[[Sent, UUID, LinkKind], rules.Links]


class TieService:
    """What tickets have to do with one another: merged, split, linked."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.messages, self.ties = ctx, MessageService(ctx), TieRepository(ctx)
        self.handling, self.tickets = self.messages.handling, self.messages.tickets

    async def merge(self, id: UUID, data: TicketMerge) -> Changed:
        """What was merged into the one that ends is merged into the other one from now on, so that
        it is one step to what goes on. Raises MergeRefused, InvalidTransition."""
        into = data.into_id
        await self._check_both(id, into, "/into_id")
        rules.check_two(id, into)
        held = await self._held(id, into)
        rules.check_mergeable(held[id], held[into])
        await self._put([into], TicketAbsorbed, rules.absorbed(held[id], held[into]))
        await self._put(held.keys() - {id, into}, TicketMerged, {"merged_into_id": into})
        return await self.tickets.place(id, partial(self._merged, into))

    async def split(self, id: UUID, data: TicketSplitOff) -> Changed:
        """Raises UnknownReference."""
        new = self.ctx.new_id()
        await self.tickets.place(id, partial(self._split, data, new))
        return Written(TicketRead, new, 1, "created")

    async def link(self, id: UUID, data: TicketLinkTo) -> Changed:
        """Raises LinkedToItself, TooManyLinks."""
        return await self._tie(id, data, rules.linked, TicketLinked)

    async def unlink(self, id: UUID, data: TicketLinkTo) -> Changed:
        """Raises LinkedToItself."""
        return await self._tie(id, data, rules.unlinked, TicketUnlinked)

    async def _check_both(self, id: UUID, other: UUID, pointer: str) -> None:
        """Raises NotFound, OutOfReach, UnknownReference."""
        await self.tickets.check_changeable(id)
        try:
            await self.tickets.check_changeable(other)
        except NotFound:
            raise UnknownReference(pointer) from None

    async def _held(self, id: UUID, into: UUID) -> dict[UUID, Sent]:
        """Both, and what is merged into the one that ends, as they are until the commit."""
        while True:
            wanted = {id, into, *await self.ties.merged_into(id)}
            if held := await self._locked(id, wanted):
                return held

    async def _locked(self, id: UUID, wanted: set[UUID]) -> dict[UUID, Sent]:
        """In the order of their ids; let go, and none, where another one was merged meanwhile."""
        try:
            return await undone_if_it_fails(self.ctx, partial(self._looked_at, wanted, id))
        except OneMore:
            return {}

    async def _looked_at(self, ids: Collection[UUID], ends: UUID | None = None) -> dict[UUID, Sent]:
        """Tickets as they are until the commit. Raises OneMore, before anything becomes of them."""
        held: dict[UUID, Sent] = {}

        async def look(ticket: Sent) -> Decided:
            if ends and not held:
                rules.check_whole(ids, await self.ties.merged_into(ends))
            held[ticket["id"]] = ticket
            return NOTHING

        await self.tickets.bring(ids, look)
        return held

    async def _put(self, ids: Collection[UUID], event: Told, values: Sent) -> None:
        await self.tickets.bring(ids, decided(event, values))

    async def _merged(self, into: UUID, ticket: Sent) -> Decided:
        _, values = await self.handling.moved(ticket, TicketCategory.closed, by="merge")
        ends = {"close_reason": CloseReason.merged, "merged_into_id": into}
        return [TicketMerged, TicketClosed], {**values, **ends}

    async def _split(self, data: TicketSplitOff, new: UUID, ticket: Sent) -> Decided:
        of = {ticket["id"], *await self.ties.merged_into(ticket["id"])}
        said = {"id": new, "subject": data.subject, "description": None}
        make = partial(self._made_of, ticket, said)
        made = await self.messages.take_out(data.message_ids, of, make)
        return [TicketSplit], {"message_count": rules.left(ticket, made)}

    async def _made_of(self, ticket: Sent, said: Sent, messages: Sequence[Sent]) -> Sent:
        apart = rules.apart(ticket, messages, self.ctx.actor.user_id)
        made = await self.tickets.follow(ticket, {**apart, **said})
        await self.tickets.write_new()
        return made

    async def _tie(self, id: UUID, data: TicketLinkTo, links: Linking, event: Told) -> Changed:
        """Both tickets say it, each as it is from there."""
        await self._check_both(id, data.to_id, "/to_id")
        rules.check_other(id, data.to_id)
        held = await self._looked_at([id, data.to_id])
        back = links(held[data.to_id], id, rules.OPPOSITE[data.kind])
        await self._put([data.to_id], event, {"links": back})
        there = links(held[id], data.to_id, data.kind)
        return await self.tickets.place(id, decided(event, {"links": there}))


def decided(event: Told, values: Sent) -> Decide:
    """What is settled already, whatever the ticket is like."""

    async def decide(ticket: Sent) -> Decided:
        return [event], values

    return decide
