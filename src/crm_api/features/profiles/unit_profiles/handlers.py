from crm_api.features.customers.events import CustomerCreated
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions

from .service import UnitProfileService

subscriptions = Subscriptions()


@subscriptions.on(CustomerCreated)
async def begin_where_it_was_made(ctx: Context, event: CustomerCreated) -> None:
    """Raises SayUnit."""
    UnitProfileService(ctx).begin_at_home(event.object_id)
