from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions
from crm_api.platform.webhook_endpoints.events import (
    WebhookEndpointDeleted,
    WebhookEndpointDisabled,
    WebhookEndpointEnabled,
)

from .registry import DeliveryQueue

subscriptions = Subscriptions()


@subscriptions.on(WebhookEndpointDisabled)
async def pause_what_waits(ctx: Context, event: WebhookEndpointDisabled) -> None:
    await DeliveryQueue(ctx).pause(event.object_id)


@subscriptions.on(WebhookEndpointEnabled)
async def resume_what_was_paused(ctx: Context, event: WebhookEndpointEnabled) -> None:
    await DeliveryQueue(ctx).resume(event.object_id)


@subscriptions.on(WebhookEndpointDeleted)
async def cancel_what_waits(ctx: Context, event: WebhookEndpointDeleted) -> None:
    await DeliveryQueue(ctx).cancel(event.object_id)
