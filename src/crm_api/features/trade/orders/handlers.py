from crm_api.features.pipeline.deals.events import DealWon
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions

from .service import OrderService

subscriptions = Subscriptions()


@subscriptions.on(DealWon)
async def make_a_draft(ctx: Context, event: DealWon) -> None:
    await OrderService(ctx).draft_of(event.object_id)
