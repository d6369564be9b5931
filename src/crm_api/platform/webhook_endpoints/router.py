from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import WEBHOOK_ENDPOINT
from .schemas import (
    SecretRotation,
    WebhookEndpointCreate,
    WebhookEndpointId,
    WebhookEndpointPage,
    WebhookEndpointQuery,
    WebhookEndpointRead,
    WebhookEndpointUpdate,
    WebhookEndpointWithSecret,
    WebhookTest,
)
from .service import WebhookEndpointService
from .testing import WebhookTestService

ids_in_paths(WEBHOOK_ENDPOINT.prefix)
router = resource("webhook-endpoints", "webhooks")

READ, WRITE = "webhook_endpoints:read", "webhook_endpoints:write"
Reader = Annotated[WebhookEndpointService, provide(WebhookEndpointService, READ)]
Writer = Annotated[WebhookEndpointService, provide(WebhookEndpointService, WRITE)]
Tester = Annotated[WebhookTestService, provide(WebhookTestService, WRITE)]


@router.get("", response_model=WebhookEndpointPage)
async def list_webhook_endpoints(
    endpoints: Reader, query: Annotated[WebhookEndpointQuery, asked(WebhookEndpointQuery)]
) -> Response:
    """List where events are sent to, newest first. Secrets are never shown."""
    return listed(await endpoints.list(query))


@router.post("", status_code=201, response_model=WebhookEndpointWithSecret)
async def create_webhook_endpoint(endpoints: Writer, data: WebhookEndpointCreate) -> Response:
    """Have events sent to a URL, from now on. The secret is in this answer and nowhere else."""
    secret, endpoint = await endpoints.create(data)
    return created(endpoint, secret=secret)


@router.get("/{id:whe}", response_model=WebhookEndpointRead)
async def get_webhook_endpoint(endpoints: Reader, id: WebhookEndpointId) -> Response:
    """Read a webhook endpoint: whether it works, and if not, why."""
    return found(await endpoints.get(id))


@router.patch("/{id:whe}", response_model=WebhookEndpointRead)
async def update_webhook_endpoint(
    endpoints: Writer, id: WebhookEndpointId, data: WebhookEndpointUpdate
) -> Response:
    """Change an endpoint. What waits to be sent goes to the new URL.

    What it may see is at most what it was, and at most what your key sees.
    """
    return changed(await endpoints.update(id, data))


@router.delete("/{id:whe}", status_code=204)
async def delete_webhook_endpoint(endpoints: Writer, id: WebhookEndpointId) -> Response:
    """Send nothing there any more; what waits to be sent is cancelled."""
    await endpoints.delete(id)
    return gone()


@router.post("/{id:whe}/rotate-secret", response_model=WebhookEndpointWithSecret)
async def rotate_webhook_endpoint_secret(
    endpoints: Writer, id: WebhookEndpointId, data: SecretRotation
) -> Response:
    """Make a new secret. Both sign what is sent until the overlap ends: give it to your receiver.

    Five secrets may be in use at a time.
    """
    secret, endpoint = await endpoints.rotate(id, data)
    return changed(endpoint, secret=secret)


@router.post("/{id:whe}/enable", response_model=WebhookEndpointRead)
async def enable_webhook_endpoint(endpoints: Writer, id: WebhookEndpointId) -> Response:
    """Send to a disabled or degraded endpoint again; what waited for it follows at once.

    It sees what your key sees from now on. What happened while it was disabled is not sent by
    itself: `replay` it.
    """
    return changed(await endpoints.enable(id))


@router.post("/{id:whe}/test", response_model=WebhookTest)
async def test_webhook_endpoint(endpoints: Tester, id: WebhookEndpointId) -> Response:
    """Send an event of type `webhook.test` now, signed as all are, and tell how it was answered.

    A rehearsal (`Crm-Dry-Run`) sends nothing.
    """
    return said(await endpoints.test(id))
