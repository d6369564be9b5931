from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import accepted
from crm_api.kit.asked import asked
from crm_api.kit.http import changed, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.webhook_endpoints.resource import WEBHOOK_ENDPOINT
from crm_api.platform.webhook_endpoints.schemas import WebhookEndpointId

from .resource import WEBHOOK_DELIVERY
from .schemas import (
    Replay,
    WebhookDeliveryId,
    WebhookDeliveryPage,
    WebhookDeliveryQuery,
    WebhookDeliveryRead,
    WebhookDeliveryWithAttempts,
)
from .service import WebhookDeliveryService

ids_in_paths(WEBHOOK_ENDPOINT.prefix, WEBHOOK_DELIVERY.prefix)
router = resource("webhook-endpoints", "webhooks")

READ, WRITE = "webhook_endpoints:read", "webhook_endpoints:write"
Reader = Annotated[WebhookDeliveryService, provide(WebhookDeliveryService, READ)]
Writer = Annotated[WebhookDeliveryService, provide(WebhookDeliveryService, WRITE)]


@router.get("/{id:whe}/deliveries", response_model=WebhookDeliveryPage)
async def list_webhook_deliveries(
    deliveries: Reader,
    id: WebhookEndpointId,
    query: Annotated[WebhookDeliveryQuery, asked(WebhookDeliveryQuery)],
) -> Response:
    """List what an endpoint was sent, or is to be sent, newest first; kept for 30 days."""
    return listed(await deliveries.list(id, query))


@router.get("/{id:whe}/deliveries/{delivery_id:dlv}", response_model=WebhookDeliveryWithAttempts)
async def get_webhook_delivery(
    deliveries: Reader, id: WebhookEndpointId, delivery_id: WebhookDeliveryId
) -> Response:
    """Read a delivery with its attempts: when, how long it took, and what was answered."""
    return found(await deliveries.get(id, delivery_id))


@router.post("/{id:whe}/deliveries/{delivery_id:dlv}/retry", response_model=WebhookDeliveryRead)
async def retry_webhook_delivery(
    deliveries: Writer, id: WebhookEndpointId, delivery_id: WebhookDeliveryId
) -> Response:
    """Send an event once more, now, whatever became of it; `webhook-id` stays the same.

    To a degraded endpoint it goes when its turn comes: `enable` the endpoint to send at once.
    """
    return changed(await deliveries.retry(id, delivery_id))


@router.post("/{id:whe}/replay", status_code=202, response_model=JobRead)
async def replay_webhook_endpoint(
    deliveries: Writer, id: WebhookEndpointId, data: Replay
) -> Response:
    """Send the events of a time once more, such as those of an outage: a job does it.

    They have the `webhook-id` that they had, so a receiver passes over what it knows. To a
    degraded endpoint they go one by one: `enable` it first when the receiver is well again.
    """
    return accepted(await deliveries.replay(id, data))
