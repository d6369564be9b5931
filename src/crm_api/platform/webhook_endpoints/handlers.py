from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.access.events import ApiKeyRevoked

from .condition import EndpointCondition

subscriptions = Subscriptions()


@subscriptions.on(ApiKeyRevoked)
async def disable_what_it_made(ctx: Context, event: ApiKeyRevoked) -> None:
    """What a key may see ends with it."""
    await EndpointCondition(ctx).forsake(event.object_id)
