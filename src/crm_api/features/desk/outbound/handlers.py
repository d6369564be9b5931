from crm_api.features.desk.messages.events import TicketMessageReceived, TicketMessageSent
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions

from .service import OutboundService

subscriptions = Subscriptions()


@subscriptions.on(TicketMessageSent)
async def hand_over(ctx: Context, event: TicketMessageSent) -> None:
    await OutboundService(ctx).queue(event.object_id)


@subscriptions.on(TicketMessageReceived)
async def acknowledge(ctx: Context, event: TicketMessageReceived) -> None:
    await OutboundService(ctx).acknowledge(event.object_id)
