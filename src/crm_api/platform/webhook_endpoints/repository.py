from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Text, bindparam, cast, func, select, text

from crm_api.kit.db import table_of
from crm_api.kit.projection import ID, Written
from crm_api.kit.repository import Repository
from crm_api.kit.sealing import seal, unseal
from crm_api.kit.statement import TENANT, in_tenant
from crm_api.kit.times import rfc3339

from .events import WebhookEndpointCreated, WebhookEndpointSecretRotated
from .models import WebhookEndpoint
from .resource import WEBHOOK_ENDPOINT
from .schemas import WebhookEndpointRead
from .sending import Receiver

ENDPOINTS = table_of(WebhookEndpoint)
LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended("
    "concat_ws('|', 'webhook endpoints', CAST(:tenant AS uuid)), 0))"
)
BEGIN = text(
    "WITH newest AS (SELECT coalesce(max(sequence), 0) AS sequence FROM events "
    "WHERE tenant_id = :tenant AND sequence IS NOT NULL), "
    "followed AS (INSERT INTO webhook_cursors (tenant_id, sequence) "
    "SELECT :tenant, sequence FROM newest ON CONFLICT DO NOTHING) "
    "SELECT sequence, (SELECT count(*) FROM webhook_endpoints WHERE tenant_id = :tenant) AS known "
    "FROM newest"
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
Secret = dict[str, Any]


class WebhookEndpointRepository(Repository[WebhookEndpoint, WebhookEndpointRead]):
    model = WebhookEndpoint
    noun = WEBHOOK_ENDPOINT
    read = WebhookEndpointRead

    async def begin(self) -> tuple[int, int]:
        """The number of the last event, from which a new endpoint begins, and how many endpoints
        there are; nobody else adds one until the commit."""
        await self.ctx.work.rows(LOCK, {})
        found = (await self.ctx.work.rows(BEGIN, {}))[0]
        return int(found.sequence), int(found.known)

    def open(self, secret: str, values: Mapping[str, Any]) -> Written[WebhookEndpointRead]:
        sealed = [self._sealed(values["id"], secret)]
        return self.add(WebhookEndpointCreated, **values, secrets=sealed, old_secrets_until=None)

    async def receiver(self, id: UUID) -> Receiver:
        """Where an endpoint is and how it is signed for; nothing is held or locked."""
        found = await self.ctx.work.fetch(ROW, {"id": id})
        if found is None:
            raise self._unknown()
        return self.receiver_of(from_json(found))

    def receiver_of(self, row: Mapping[str, Any]) -> Receiver:
        """Raises ValueError where the server's secret is another than it was sealed with."""
        id = row["id"] if isinstance(row["id"], UUID) else UUID(row["id"])
        secrets = [self._opened(id, one["sealed"]) for one in self.live(row["secrets"])]
        sealed = row["sealed_headers"]
        return Receiver(row["url"], secrets, from_json(self._opened(id, sealed)) if sealed else {})

    async def made_by(self, actor: UUID) -> list[WebhookEndpoint]:
        """The endpoints that have the rights of an actor, locked, but for disabled ones."""
        found = await self.ctx.work.rows(OF_ACTOR, {"actor": actor})
        return await self.load_all([row.id for row in found]) if found else []

    def rotate(
        self, row: WebhookEndpoint, secret: str, until: datetime
    ) -> Written[WebhookEndpointRead]:
        """A new secret; the one before signs until then."""
        *older, last = self.live(row.secrets)
        kept = [*older, {**last, "ends": rfc3339(until)}]
        ends = max([until, *(datetime.fromisoformat(old["ends"]) for old in older)])
        return self.change(
            row,
            WebhookEndpointSecretRotated,
            secrets=[*kept, self._sealed(row.id, secret)],
            old_secrets_until=ends if ends > self.ctx.now else None,
        )

    def live(self, secrets: Sequence[Secret]) -> list[Secret]:
        """Those that sign now, the oldest first."""
        now = rfc3339(self.ctx.now)
        return [one for one in secrets if one["ends"] is None or one["ends"] > now]

    def seal_headers(self, id: UUID, headers: Mapping[str, str]) -> str | None:
        text = to_json(headers).decode()
        return seal(self.ctx.house.secret, text, self._place(id)) if headers else None

    def keep_health(self, id: UUID, values: Mapping[str, object]) -> None:
        """How it is doing is no change of the record: it has no version and no event."""
        self.ctx.work.stage("update", ENDPOINTS, {"id": id, **values})

    def _sealed(self, id: UUID, secret: str) -> Secret:
        return {"sealed": seal(self.ctx.house.secret, secret, self._place(id)), "ends": None}

    def _opened(self, id: UUID, sealed: str) -> str:
        text = unseal(self.ctx.house.secret, sealed, self._place(id))
        if text is None:
            raise ValueError("sealed with another secret of the server")
        return text

    def _place(self, id: UUID) -> str:
        return f"{self.ctx.tenant.id} {WEBHOOK_ENDPOINT.prefix.write(id)}"
