from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Text, bindparam, cast, func, select, text

from crm_api.kit.alone import alone
from crm_api.kit.db import detached, table_of
from crm_api.kit.errors import NotFound
from crm_api.kit.projection import ID, Written
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT, in_tenant

from .events import WebhookEndpointCreated, WebhookEndpointSecretRotated
from .models import WebhookEndpoint
from .resource import WEBHOOK_ENDPOINT
from .schemas import WebhookEndpointRead
from .sending import Receiver
from .vault import Vault

ENDPOINTS = table_of(WebhookEndpoint)
BEGIN = text(
    "WITH newest AS (SELECT coalesce(max(sequence), 0) AS sequence FROM events "
    "WHERE tenant_id = :tenant AND sequence IS NOT NULL), "
    "followed AS (INSERT INTO webhook_cursors (tenant_id, sequence) "
    "SELECT :tenant, sequence FROM newest ON CONFLICT DO NOTHING) "
    "SELECT sequence AS starts_after, ARRAY(SELECT id FROM events WHERE tenant_id = :tenant "
    "AND sequence IS NULL ORDER BY id LIMIT 10000) AS passed_over, "
    "(SELECT count(*) FROM webhook_endpoints WHERE tenant_id = :tenant) AS known FROM newest"
)
OF_ACTOR = select(ENDPOINTS.c.id).where(
    ENDPOINTS.c.tenant_id == TENANT,
    ENDPOINTS.c.created_by == bindparam("actor"),
    ENDPOINTS.c.state != "disabled",
)
ROW = in_tenant(
    select(cast(func.row_to_json(ENDPOINTS.table_valued()), Text))
    .where(ENDPOINTS.c.tenant_id == TENANT, ENDPOINTS.c.id == ID)
    .scalar_subquery()
)
KNOWN = select(ENDPOINTS).where(ENDPOINTS.c.tenant_id == TENANT, ENDPOINTS.c.id == ID)
LISTENING = select(ENDPOINTS).where(
    ENDPOINTS.c.tenant_id == TENANT, ENDPOINTS.c.state != "disabled"
)


class WebhookEndpointRepository(Repository[WebhookEndpoint, WebhookEndpointRead]):
    model = WebhookEndpoint
    noun = WEBHOOK_ENDPOINT
    read = WebhookEndpointRead

    @property
    def vault(self) -> Vault:
        return Vault(self.ctx)

    async def begin(self) -> tuple[int, Mapping[str, Any]]:
        """How many endpoints there are, and behind which events a new one begins; nobody else
        adds one until the commit."""
        await alone(self.ctx, ENDPOINTS.name)
        known, *_ = await self.ctx.work.rows(BEGIN, {})
        told = {"starts_after": known.starts_after, "passed_over": known.passed_over}
        return int(known.known), told

    def open(self, secret: str, values: Mapping[str, Any]) -> Written[WebhookEndpointRead]:
        sealed = [self.vault.sealed(values["id"], secret)]
        return self.add(WebhookEndpointCreated, **values, secrets=sealed, old_secrets_until=None)

    async def receiver(self, id: UUID) -> Receiver:
        """Where an endpoint is and how it is signed for; nothing is held or locked."""
        found = await self.ctx.work.fetch(ROW, {"id": id})
        if found is None:
            raise NotFound
        return self.vault.receiver(from_json(found))

    async def made_by(self, actor: UUID) -> list[WebhookEndpoint]:
        """The endpoints that have the rights of an actor, locked, but for disabled ones."""
        found = await self.ctx.work.rows(OF_ACTOR, {"actor": actor})
        return await self.load_all([row.id for row in found]) if found else []

    async def row(self, id: UUID) -> WebhookEndpoint | None:
        found = await self.ctx.work.rows(KNOWN, {"id": id})
        return detached(WebhookEndpoint, dict(found[0]._mapping)) if found else None

    async def listening(self) -> list[WebhookEndpoint]:
        found = await self.ctx.work.rows(LISTENING, {})
        return [detached(WebhookEndpoint, dict(row._mapping)) for row in found]

    def rotate(
        self, row: WebhookEndpoint, secret: str, until: datetime
    ) -> Written[WebhookEndpointRead]:
        """A new secret; the one before signs until then. Raises TooManySecrets."""
        changed = self.vault.rotated(row.id, row.secrets, secret, until)
        return self.change(row, WebhookEndpointSecretRotated, **changed)

    def keep_health(self, id: UUID, values: Mapping[str, object]) -> None:
        """How it is doing is no change of the record: it has no version and no event."""
        self.ctx.work.stage("update", ENDPOINTS, {"id": id, **values})
