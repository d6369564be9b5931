"""Two reference points: hand-written ASGI callables on asyncpg, without any of our machinery.

`bare` has flat rows and two inserts per create: what a Python process can do at most. `fair` runs
the product's own statements for the same rows: what is left is the price of the machinery alone.
"""

import os
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json
from starlette.types import Receive, Scope, Send

from crm_api.features.customers.models import Customer, CustomerKey
from crm_api.features.customers.schemas import CustomerQuery, CustomerRead
from crm_api.kit.db import table_of
from crm_api.kit.ids import uuid7
from crm_api.kit.paging import page
from crm_api.kit.projection import one
from crm_api.kit.writing import Step, write_all

TENANT = UUID(os.environ.get("BENCH_TENANT", "0" * 32))
AFTER, LAST = datetime(2025, 1, 1, 12, tzinfo=UTC), UUID(int=0)
COLUMNS = (
    "id, tenant_id, name, email, phone, status, owner_id, tags, custom, version, "
    "created_at, updated_at"
)
ROW = (
    f"SELECT row_to_json(c)::text FROM (SELECT {COLUMNS} FROM bare_customers "
    "WHERE tenant_id = $1 AND id = $2) c"
)
PAGE = (
    "SELECT string_agg(row_to_json(c)::text, ',') FROM "
    f"(SELECT {COLUMNS} FROM bare_customers WHERE tenant_id = $1 AND status = 'lead' "
    "AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT 50) c"
)
CREATE = (
    "WITH c AS (INSERT INTO bare_customers (id, tenant_id, name, email, phone, status, tags, "
    f"custom) VALUES ($1, $2, $3, $4, $5, 'lead', $6, '{{}}') RETURNING {COLUMNS}), "
    "o AS (INSERT INTO bare_outbox (tenant_id, type, entity_id, payload) "
    "SELECT tenant_id, 'customer.created', id, to_jsonb(c) FROM c) "
    "SELECT row_to_json(c)::text FROM c"
)
NOTHING = {"channel": None, "not_before": None, "not_after": None, "language": None}


class Floor:
    """GET /v1/customers/{id}, GET /v1/customers, POST /v1/customers; nothing else, no checks."""

    server_settings: ClassVar[dict[str, str]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        status, path = 200, scope["path"]
        if scope["method"] == "POST":
            status, text = 201, await self.create(from_json(await _body(receive)))
        elif path.startswith("/v1/customers/"):
            text = await self.get(UUID(hex=path[18:]))
        else:
            text = f'{{"data":[{await self.page()}]}}'
        start = {"type": "http.response.start", "status": status}
        await send(start | {"headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": text.encode()})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool: Any = await asyncpg.create_pool(
            os.environ["BENCH_DATABASE"],
            min_size=8,
            max_size=8,
            reset=_keep,
            server_settings=self.server_settings,
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def get(self, id: UUID) -> str:
        found: str = await self.pool.fetchval(ROW, TENANT, id)
        return found

    async def page(self) -> str:
        found: str = await self.pool.fetchval(PAGE, TENANT, AFTER, LAST)
        return found

    async def create(self, sent: dict[str, Any]) -> str:
        email, phone = (point["value"] for point in sent["contact_points"])
        row = (uuid7(), TENANT, sent["name"], email, phone, sent["tags"])
        found: str = await self.pool.fetchval(CREATE, *row)
        return found


async def _keep(_: object) -> None:
    """No reset between requests: each is one autocommitted statement."""


async def _body(receive: Receive) -> bytes:
    sent, more = b"", True
    while more:
        message = await receive()
        sent, more = sent + message.get("body", b""), message.get("more_body", False)
    return sent


class FairFloor(Floor):
    """The product's statements, under row level security, with the same rows written."""

    ROW = one(CustomerRead)
    PAGE = page(CustomerRead, CustomerQuery, (("state", True),), ("-created_at",), True)

    async def get(self, id: UUID) -> str:
        arguments = self.ROW.arguments({"tenant": TENANT, "id": id})
        found: list[str] = await self.pool.fetchval(self.ROW.sql, *arguments)
        return found[0]

    async def page(self) -> str:
        asked = {"state": ["live"], "after_0": AFTER.isoformat(), "after_1": str(LAST)}
        arguments = self.PAGE.arguments({"tenant": TENANT, "limit": 50, **asked})
        found: list[str] = await self.pool.fetchval(self.PAGE.sql, *arguments)
        return found[0]

    async def create(self, sent: dict[str, Any]) -> str:
        id, now = uuid7(), datetime.now(UTC)
        points = [p | {"label": None, "is_primary": True} for p in sent["contact_points"]]
        keys = [(p["kind"], p["value"]) for p in points] + [("tag", tag) for tag in sent["tags"]]
        owned = {"tenant_id": TENANT, "customer_id": id}
        customer = {
            "tenant_id": TENANT,
            "id": id,
            "kind": "person",
            "name": sent["name"],
            "sort_name": sent["name"],
            "acquired_at": now,
            "contact_points": points,
            "tags": sent["tags"],
            "preferences": NOTHING | {"interests": []},
            "created_at": now,
            "updated_at": now,
        }
        event = {
            "tenant_id": TENANT,
            "id": uuid7(),
            "type": "customer.created",
            "object_id": id,
            "version": 1,
            "actor_id": id,
            "request_id": f"req_{id.hex}",
            "created_at": now,
        }
        rows = [[owned | {"kind": kind, "value": value} for kind, value in keys], [customer]]
        tables = (table_of(CustomerKey), table_of(Customer))
        steps = tuple(Step("insert", t, tuple(r[0])) for t, r in zip(tables, rows, strict=True))
        texts = [to_json(part).decode() for part in ([event], *rows)]
        found = await self.pool.fetchrow(write_all(steps, (CustomerRead,)), TENANT, id, *texts)
        body: str = found["body"]
        return body


bare, fair = Floor(), FairFloor()
