from crm_api.features.desk.sla_policies.events import SlaPolicyUpdated
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.calendars.events import BusinessCalendarUpdated

from .service import ServiceLevelService

subscriptions = Subscriptions()


@subscriptions.on(SlaPolicyUpdated)
async def follow_policy(ctx: Context, event: SlaPolicyUpdated) -> None:
    await ServiceLevelService(ctx).reckon_anew([event.object_id])


@subscriptions.on(BusinessCalendarUpdated)
async def follow_calendar(ctx: Context, event: BusinessCalendarUpdated) -> None:
    await ServiceLevelService(ctx).follow_calendar(event.object_id)
