from datetime import timedelta
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.jobs.service import JobService
from crm_api.platform.webhook_endpoints.service import WebhookEndpointService
from crm_api.platform.webhook_endpoints.subscribing import check_types

from .errors import BeingSent, EndpointDisabled, NotInWindow
from .repository import DeliveryRepository
from .schemas import (
    DeliveriesOfEndpoint,
    Replay,
    WebhookDeliveryQuery,
    WebhookDeliveryRead,
    WebhookDeliveryWithAttempts,
)

DAYS = 30
REPLAY = "webhook_endpoint.replay"
NEEDS = ("webhook_endpoints:write",)


class WebhookDeliveryService:
    """What became of the events that an endpoint was to be sent."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.endpoints = WebhookEndpointService(ctx)
        self.deliveries = DeliveryRepository(ctx)

    async def list(self, endpoint_id: UUID, query: WebhookDeliveryQuery) -> Listing:
        await self.endpoints.get(endpoint_id)
        asked = DeliveriesOfEndpoint(endpoint_id=endpoint_id, **query.model_dump())
        return await self.deliveries.page(asked)

    async def get(self, endpoint_id: UUID, id: UUID) -> Document[WebhookDeliveryWithAttempts]:
        return await self.deliveries.with_attempts(endpoint_id, id)

    async def retry(self, endpoint_id: UUID, id: UUID) -> Written[WebhookDeliveryRead]:
        """Send it now, and by the whole schedule if that fails. Raises Conflict."""
        endpoint = (await self.endpoints.get(endpoint_id)).value
        await self.deliveries.with_attempts(endpoint_id, id)
        if endpoint.state == "disabled":
            raise EndpointDisabled
        if not await self.deliveries.hasten(id):
            raise BeingSent
        return self.deliveries.begin_anew(await self.deliveries.load(id))

    async def replay(self, endpoint_id: UUID, data: Replay) -> Written[JobRead]:
        """Have events sent once more, by a job. Raises Conflict, Invalid, Forbidden."""
        endpoint = (await self.endpoints.get(endpoint_id)).value
        if endpoint.state == "disabled":
            raise EndpointDisabled
        check_types(self.ctx.actor, data.types, "/types")
        oldest = self.ctx.now - timedelta(days=DAYS)
        begin, end = data.from_ or oldest, data.to or self.ctx.now
        if begin < oldest:
            raise NotInWindow("from", DAYS)
        if end <= begin:
            raise NotInWindow("to", DAYS)
        asked = {
            "endpoint_id": str(endpoint_id),
            "from": begin.isoformat(),
            "to": end.isoformat(),
            "types": data.types,
            "only": data.only,
        }
        return await JobService(self.ctx).start(REPLAY, asked, NEEDS)
