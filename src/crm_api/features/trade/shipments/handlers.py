from crm_api.features.trade.orders.events import OrderCancelled
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions

from .service import ShipmentService

subscriptions = Subscriptions()


@subscriptions.on(OrderCancelled)
async def send_nothing_more(ctx: Context, event: OrderCancelled) -> None:
    await ShipmentService(ctx).follow_cancelled(event.object_id)
