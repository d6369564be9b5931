from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_api.features.desk.channels.schemas import WayOut
from crm_api.features.desk.channels.service import ChannelService
from crm_api.features.desk.messages.events import (
    TicketMessageDelayed,
    TicketMessageDelivered,
    TicketMessageDeliveryFailed,
)
from crm_api.features.desk.messages.service import MessageService
from crm_api.features.desk.terms.schemas import Delivery
from crm_api.kit import timers
from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound
from crm_api.kit.mail.outgoing import Outgoing, SendTrouble, Transport, Unsent
from crm_api.kit.timers import Lease
from crm_api.platform.webhook_deliveries.rules import jitter

from . import rules
from .repository import OutboundRepository
from .rules import Ending

LEAVE = "messages"
TOLD = {
    Delivery.queued: TicketMessageDelayed,
    Delivery.sent: TicketMessageDelivered,
    Delivery.failed: TicketMessageDeliveryFailed,
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way: what is sent, by which way, after how many attempts; or, where nothing
    can be sent, what becomes of it."""

    tries: int
    message: Outgoing | None = None
    transport: Transport | None = None
    settled: Ending | None = None

    async def send(self) -> Unsent | None:
        """What has kept it from leaving. Nothing of ours is held or locked meanwhile."""
        if self.message is None or self.transport is None:
            return None
        try:
            await self.transport.send(self.message)
        except Unsent as error:
            return error
        except ValueError:
            return Unsent(SendTrouble.refused, is_final=True)
        return None


class OutboundService:
    """Answers, on their way to customers."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.known = ctx, OutboundRepository(ctx)
        self.messages = MessageService(ctx)

    async def queue(self, message: UUID) -> None:
        """It leaves once this work has committed."""
        if channel := await self.known.channel_of(message):
            timers.schedule(self.ctx, LEAVE, message, channel)

    async def acknowledge(self, message: UUID) -> None:
        """Tells who has begun a ticket that it has arrived, where the channel does that."""
        found = await self.known.to_acknowledge(message, rules.ACKNOWLEDGED_A_DAY)
        if found is not None:
            text = rules.acknowledgement(found.number, self.ctx.tenant.languages)
            word = {"text": text, "is_public": True, "is_automatic": True}
            await self.messages.noted(found.id, word)

    async def parcel(self, lease: Lease) -> Parcel | None:
        """Null where nothing is on its way any more."""
        row = await self.known.leaving(lease.id)
        if row is None:
            return None
        tries = row.delivery_attempts + 1
        if lease.attempts > rules.POISON:
            return Parcel(tries, settled=Ending(Delivery.failed, rules.INTERNAL))
        way = await self._way(row.channel_id)
        if way is None:
            return Parcel(tries, settled=Ending(Delivery.failed, rules.CLOSED))
        message = rules.outgoing(dict(row._mapping), way)
        settled = None if message else rules.unaddressed()
        return Parcel(tries, message, way.transport, settled)

    async def ended(self, id: UUID, parcel: Parcel, trouble: Unsent | None) -> datetime | None:
        """When to try once more."""
        now = self.ctx.now
        ending = parcel.settled or rules.ending(trouble, parcel.tries, now, jitter())
        values: dict[str, object] = {"delivery": ending.state, "delivery_error": ending.error}
        if ending.state == Delivery.sent and parcel.message:
            values |= {"delivered_at": now, "external_id": parcel.message.id}
        tries = parcel.tries if parcel.message else parcel.tries - 1
        await self.messages.settle(id, TOLD[ending.state], delivery_attempts=tries, **values)
        return ending.next_at

    async def _way(self, channel: UUID) -> WayOut | None:
        try:
            return await ChannelService(self.ctx).way_out(channel)
        except NotFound:
            return None
