from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_api.kit.db import table_of
from crm_api.kit.errors import NotFound
from crm_api.kit.projection import ID, Document, Written, one_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from . import statements
from .models import DeliveryState, WebhookDelivery
from .resource import WEBHOOK_DELIVERY
from .schemas import WebhookDeliveryRead, WebhookDeliveryWithAttempts
from .statements import SEND

DELIVERIES = table_of(WebhookDelivery)
OF_ENDPOINT = one_of(
    WebhookDeliveryWithAttempts,
    select(DELIVERIES.c.id)
    .where(
        DELIVERIES.c.tenant_id == TENANT,
        DELIVERIES.c.id == ID,
        DELIVERIES.c.endpoint_id == bindparam("endpoint_id", type_=Uuid()),
    )
    .scalar_subquery(),
)


class DeliveryRepository(Repository[WebhookDelivery, WebhookDeliveryRead]):
    """One delivery of one endpoint, for those who look at it."""

    model = WebhookDelivery
    noun = WEBHOOK_DELIVERY
    read = WebhookDeliveryRead

    async def with_attempts(
        self, endpoint_id: UUID, id: UUID
    ) -> Document[WebhookDeliveryWithAttempts]:
        values = {"id": id, "endpoint_id": endpoint_id}
        found = await self.ctx.work.fetch(OF_ENDPOINT, values)
        if found is None:
            raise NotFound
        return Document(WebhookDeliveryWithAttempts, int(found[1]), found[0])

    async def hasten(self, id: UUID) -> bool:
        """Due at once; false where it is being sent, or never will be."""
        told = {"delivery": id, "kind": SEND}
        return bool(await self.ctx.work.rows(statements.HASTEN, told))

    def begin_anew(self, row: WebhookDelivery) -> Written[WebhookDeliveryRead]:
        version, now = row.version + 1, self.ctx.now
        told = {"state": DeliveryState.pending, "tries": 0, "next_at": now, "delivered_at": None}
        told |= {"id": row.id, "version": version, "updated_at": now}
        self.ctx.work.stage("update", DELIVERIES, told)
        return Written(self.read, row.id, version, "updated")
