from crm_api.features.pipeline.deals.events import DealRestored
from crm_api.features.pipeline.pipelines.events import PipelineArchived, PipelineUpdated
from crm_api.features.pipeline.stays.service import StayService
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions

subscriptions = Subscriptions()


@subscriptions.on(PipelineUpdated)
async def keep_to_its_limits(ctx: Context, event: PipelineUpdated) -> None:
    """Raises OpenDealsThere."""
    await StayService(ctx).follow(event.object_id)


@subscriptions.on(PipelineArchived)
async def keep_open_deals_in_use(ctx: Context, event: PipelineArchived) -> None:
    """Raises OpenDealsThere."""
    await StayService(ctx).follow(event.object_id)


@subscriptions.on(DealRestored)
async def watch_it_again(ctx: Context, event: DealRestored) -> None:
    await StayService(ctx).come_back(event.object_id)
