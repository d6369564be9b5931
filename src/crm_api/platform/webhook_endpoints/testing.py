"""Whether an endpoint answers, found out by an event that nobody made."""

from uuid import UUID

from pydantic_core import to_json

from crm_api.kit.context import Context
from crm_api.kit.ids import uuid7
from crm_api.kit.journal import EVENT
from crm_api.kit.outbound import UrlNotAllowed
from crm_api.kit.times import rfc3339
from crm_api.platform.organization.resource import TENANT

from .repository import WebhookEndpointRepository
from .resource import WEBHOOK_ENDPOINT
from .schemas import WebhookTest
from .sending import BLOCKED, Message, Outcome, send

SECONDS = 5.0
REHEARSED = Outcome(None, "rehearsal", 0)


class WebhookTestService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.endpoints = WebhookEndpointRepository(ctx)

    async def test(self, id: UUID) -> WebhookTest:
        """Raises UrlNotAllowed. What the endpoint says is not told."""
        receiver = await self.endpoints.receiver(id)
        outcome = REHEARSED
        if not self.ctx.dry_run:
            outcome = await send(self.ctx.house.outbound, receiver, self._message(id), SECONDS)
        if outcome.trouble == BLOCKED:
            raise UrlNotAllowed("/url")
        return WebhookTest(
            object="webhook_test",
            delivered=outcome.succeeded,
            status_code=outcome.status,
            latency_ms=outcome.latency_ms if outcome.trouble is None else None,
            error=outcome.trouble,
        )

    def _message(self, id: UUID) -> Message:
        name, now = EVENT.write(uuid7()), self.ctx.house.clock.now()
        told = {
            "id": name,
            "object": "event",
            "type": "webhook.test",
            "created_at": rfc3339(self.ctx.now),
            "tenant_id": TENANT.prefix.write(self.ctx.tenant.id),
            "object_id": WEBHOOK_ENDPOINT.prefix.write(id),
            "data": None,
            "changes": None,
        }
        return Message(name, now, to_json(told).decode())
