"""Two tenants with records of every noun, and the proof that nothing has changed."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from crm_api.cli.unit import new_tenant
from crm_api.kit.context import House, Tenant
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate

from .catalogue import EXTERNAL, OPERATIONS, Operation

Admin = asyncpg.Connection
KNOWN = "sap/0000104711"
Unchanged = Callable[[], AbstractAsyncContextManager[None]]
TABLES = """
SELECT string_agg(format(
    '(SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %s t) AS %I',
    oid::regclass, relname), ', ' ORDER BY relname)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
AND relname <> 'rate_limits'"""  # that requests were sent is counted there


@dataclass(frozen=True)
class Side:
    """One tenant: a caller who may do everything in it, and a record of each noun.

    Where a noun is found by external ids, there is one that another system knows as `KNOWN`.
    """

    tenant: Tenant
    key: str
    client: AsyncClient
    records: dict[str, str]
    archived: dict[str, str]

    def path(self, operation: Operation, id: str | None = None) -> str:
        """The operation's path on the tenant's own record, or on another."""
        own = self.records.get(operation.collection, "")
        return operation.path.replace("{id}", id or own).replace(EXTERNAL, KNOWN)


@pytest.fixture(scope="module")
async def digests(admin: "Admin[Any]") -> Callable[[], Any]:
    """A hash of the rows of every table, by table."""
    listed = await admin.fetchval(TABLES)

    async def digests() -> dict[str, str]:
        return dict(await admin.fetchrow(f"SELECT {listed}") or ())

    return digests


@pytest.fixture(scope="module")
def nothing_changes(digests: Callable[[], Any]) -> Unchanged:
    """`async with nothing_changes():` no row of any table of any tenant is another after it."""

    @asynccontextmanager
    async def unchanged() -> AsyncIterator[None]:
        before = await digests()
        yield
        assert await digests() == before

    return unchanged


@pytest.fixture(scope="module")
async def own(app: FastAPI, house: House) -> AsyncIterator[Side]:
    async with _side(app, house, "Own") as side:
        yield side


@pytest.fixture(scope="module")
async def other(app: FastAPI, house: House) -> AsyncIterator[Side]:
    async with _side(app, house, "Other") as side:
        yield side


@asynccontextmanager
async def _side(app: FastAPI, house: House, name: str) -> AsyncIterator[Side]:
    tenant, key = await new_tenant(house, TenantCreate(name=name, kind=TenantKind.sandbox))
    transport, told = ASGITransport(app), {"Authorization": f"Bearer {key}"}
    async with AsyncExitStack() as stack:
        client = AsyncClient(transport=transport, base_url="http://test", headers=told)
        await stack.enter_async_context(client)
        records, archived = await _records(client), await _records(client)
        for collection, id in archived.items():
            await _put_away(client, collection, id)
        side = Side(tenant, key, client, records, archived)
        for operation in OPERATIONS.values():
            if operation.names_an_external_id and operation.takes_body:
                made = await client.patch(side.path(operation), json=operation.body)
                assert made.status_code == 201, made.text
        yield side


async def _records(client: AsyncClient) -> dict[str, str]:
    """A new record in every collection that can be created in, by the collection's path."""
    return {
        operation.path: (await _made(client, operation))["id"]
        for operation in OPERATIONS.values()
        if operation.id.startswith("create")
    }


async def _made(client: AsyncClient, operation: Operation) -> dict[str, Any]:
    response = await client.post(operation.path, json=operation.body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def _put_away(client: AsyncClient, collection: str, id: str) -> None:
    """Archive a record, or delete it where the noun knows no archive."""
    archives = f"{collection}/{{id}}/archive" in {o.path for o in OPERATIONS.values()}
    method, path = ("POST", f"{id}/archive") if archives else ("DELETE", id)
    response = await client.request(method, f"{collection}/{path}")
    assert response.is_success, response.text
