"""A database of its own for each module, cloned from a migrated template; commits are real."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr

from crm_api.cli.unit import new_key, new_tenant
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.embedded import OWNER, EmbeddedServer, temporary_server
from crm_api.kit.logs import configure_logs
from crm_api.kit.migrations import upgrade
from crm_api.main import create_app
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

TEMPLATE = "crm_template"
configure_logs("error")
hypothesis_settings.register_profile("steady", deadline=None)  # machines differ, and are busy
hypothesis_settings.load_profile("steady")
Admin = asyncpg.Connection
NewClient = Callable[..., Awaitable[AsyncClient]]
NewTenant = Callable[..., Awaitable[Tenant]]
WithKey = Callable[[str], Awaitable[AsyncClient]]
Unchanged = Callable[[], AbstractAsyncContextManager[None]]
TABLES = """
SELECT string_agg(format(
    '(SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %s t) AS %I',
    oid::regclass, relname), ', ' ORDER BY relname)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
AND NOT relispartition AND relname <> 'rate_limits'"""  # that requests were sent is counted there
SINCE = """
SELECT pg_current_snapshot(), EXISTS (
    SELECT FROM generate_series(
        pg_snapshot_xmin($1::pg_snapshot)::text::bigint,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1) AS number,
    LATERAL (SELECT number::text::xid8 AS id) AS begun
    WHERE pg_visible_in_snapshot(id, pg_current_snapshot())
    AND NOT pg_visible_in_snapshot(id, $1::pg_snapshot)
    AND pg_xact_status(id) = 'committed')"""  # by whichever transaction, in all databases


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    with temporary_server() as server:
        yield server


@pytest.fixture(scope="session")
async def owner(server: EmbeddedServer) -> AsyncIterator["Admin[Any]"]:
    connection = await asyncpg.connect(server.url(OWNER, "postgres"))
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    """Migrated by the very code that migrates in production."""
    asyncio.run(_create(server, TEMPLATE))
    upgrade(server.url(OWNER, TEMPLATE))
    return TEMPLATE


async def _create(server: EmbeddedServer, name: str) -> None:
    connection = await asyncpg.connect(server.url(OWNER, "postgres"))
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


@pytest.fixture(scope="module")
async def database(template: str, owner: "Admin[Any]") -> AsyncIterator[str]:
    name = f"crm_{uuid4().hex}"
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield name
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def settings(server: EmbeddedServer, database: str) -> Settings:
    return Settings(
        database_url=SecretStr(server.url(OWNER, database)),
        secret=SecretStr("a secret for tests, of forty characters."),
        rate_limit_key=1_000_000,  # the limits are on, and tests may hurry
        rate_limit_tenant=1_000_000,
        wrong_keys=1_000_000,
        in_flight=2_000,
    )


@pytest.fixture(scope="module")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
def house(app: FastAPI) -> House:
    house: House = app.state.house
    return house


@pytest.fixture(scope="module")
async def admin(server: EmbeddedServer, database: str) -> AsyncIterator["Admin[Any]"]:
    """Sees the rows of all tenants; for assertions only."""
    connection = await asyncpg.connect(server.url(OWNER, database))
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def digests(admin: "Admin[Any]") -> Callable[[], Any]:
    """A hash of the rows of every table, by table.

    They are read anew only where a transaction was committed since: nothing else changes a row.
    """
    listed = await admin.fetchval(TABLES)
    taken = await admin.fetchval("SELECT pg_current_snapshot()")
    found: dict[str, str] = {}

    async def digests() -> dict[str, str]:
        nonlocal taken, found
        taken, committed = await admin.fetchrow(SINCE, taken) or (taken, True)
        if committed or not found:
            found = dict(await admin.fetchrow(f"SELECT {listed}") or ())
        return found

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


@pytest.fixture
def new_tenant_(house: House) -> NewTenant:
    async def make(kind: TenantKind = TenantKind.sandbox, **settled: Any) -> Tenant:
        data = TenantCreate(name="Sunrise Group", kind=kind, **settled)
        tenant, _ = await new_tenant(house, data)
        return tenant

    return make


@pytest.fixture
async def with_key(app: FastAPI) -> AsyncIterator[WithKey]:
    """`await with_key(secret)`: a client that comes with this key."""
    async with AsyncExitStack() as stack:

        async def make(key: str) -> AsyncClient:
            client = AsyncClient(
                transport=ASGITransport(app),
                base_url="http://test/v1",
                headers={"Authorization": f"Bearer {key}"},
            )
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
async def caller(house: House, new_tenant_: NewTenant, with_key: WithKey) -> NewClient:
    """`await caller("customers:read")`: a client with a key of its own, in a tenant of its own."""

    async def make(*scopes: str, tenant: Tenant | None = None) -> AsyncClient:
        return await with_key(await new_key(house, tenant or await new_tenant_(), scopes or ("*",)))

    return make


@pytest.fixture
async def client(caller: NewClient) -> AsyncClient:
    return await caller()
