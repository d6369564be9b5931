"""The bare floor: a hand-written ASGI callable on asyncpg, flat rows, two inserts per create.

What one Python process can do at most: no key, no tenant, no checks, no events, no search.
"""

import os
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
from pydantic_core import from_json
from starlette.types import Receive, Scope, Send

from crm_api.kit.ids import uuid7

from .people import AFTER, LAST

TENANT = UUID(os.environ.get("BENCH_TENANT", "0" * 32))
Call = tuple[Any, ...]
"""A statement and its arguments."""

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


class Floor:
    """GET /v1/customers/{id}, GET /v1/customers, POST /v1/customers; nothing else."""

    headers: ClassVar = [(b"content-type", b"application/json")]

    def __init__(self, tenant: UUID) -> None:
        self.tenant = tenant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        status, path = 200, scope["path"]
        if scope["method"] == "POST":
            sent, status = from_json(await _body(receive)), 201
            body = await self._run(self.insert(sent, uuid7(), uuid7()))
        elif path.startswith("/v1/customers/"):
            body = await self._run(self.one(UUID(hex=path[18:])))
        else:
            body = b'{"data":[%b]}' % await self._run(self.page(scope["query_string"]))
        await send({"type": "http.response.start", "status": status, "headers": self.headers})
        await send({"type": "http.response.body", "body": body})

    async def _run(self, call: Call) -> bytes:
        return self.body(await self.fetch(*call))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def open(self) -> None:
        size = int(os.environ["BENCH_POOL"])
        self.pool: Any = await asyncpg.create_pool(
            os.environ["BENCH_DATABASE"], min_size=size, max_size=size, reset=_keep
        )

    async def close(self) -> None:
        await self.pool.close()

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        return await self.pool.fetchval(sql, *arguments)

    def one(self, id: UUID) -> Call:
        return (ROW, self.tenant, id)

    def page(self, query: bytes) -> Call:
        return (PAGE, self.tenant, AFTER, LAST)

    def insert(self, sent: dict[str, Any], id: UUID, event: UUID) -> Call:
        email, phone = (point["value"] for point in sent["contact_points"])
        return (CREATE, id, self.tenant, sent["name"], email, phone, sent["tags"])

    def body(self, found: Any) -> bytes:
        """The documents in the first value of the first row."""
        return str(found).encode()


async def _keep(_: object) -> None:
    """No reset between requests: each is one autocommitted statement."""


async def _body(receive: Receive) -> bytes:
    sent, more = b"", True
    while more:
        message = await receive()
        sent, more = sent + message.get("body", b""), message.get("more_body", False)
    return sent


app = Floor(TENANT)
