"""The world that is measured: one database, many customers in ten tenants, made once."""

import asyncio
from dataclasses import dataclass

import asyncpg
from pydantic import SecretStr

from crm_api.cli.unit import new_tenant, opened
from crm_api.features.customers.queries import CustomerQuery
from crm_api.kit import cursor as cursors
from crm_api.kit.actor import Tenant
from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.migrations import upgrade
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

from .people import PLACE, settle, settle_keys

DATABASE, TENANTS, POOL = "bench", 10, 8
BARE = """
CREATE TABLE bare_customers (tenant_id uuid, id uuid, name text, email text, phone text,
  status text, owner_id uuid, tags text[], custom jsonb, version int DEFAULT 1,
  created_at timestamptz(3) DEFAULT now(), updated_at timestamptz(3) DEFAULT now(),
  PRIMARY KEY (tenant_id, id));
CREATE TABLE bare_outbox (id bigserial PRIMARY KEY, tenant_id uuid, type text, entity_id uuid,
  payload jsonb);
INSERT INTO bare_customers SELECT tenant_id, id, name, contact_points->0->>'value',
  contact_points->1->>'value', 'lead', NULL, tags, '{}', 1, created_at, updated_at FROM customers;
CREATE INDEX ON bare_customers (tenant_id, status, created_at DESC, id DESC);
GRANT SELECT, INSERT ON bare_customers, bare_outbox TO crm_app;
GRANT USAGE ON SEQUENCE bare_outbox_id_seq TO crm_app"""
SOME = (
    "SELECT 'cus_' || encode(uuid_send(id), 'hex') AS id FROM customers "
    "WHERE tenant_id = $1 LIMIT 5000"
)


@dataclass(frozen=True)
class World:
    """One tenant of the ten, its key, and ids of its customers."""

    settings: Settings
    owner_url: str
    tenant: Tenant
    key: str
    ids: list[str]

    @property
    def app_url(self) -> str:
        return self.settings.app_url()

    def environment(self) -> dict[str, str]:
        """What a stack must know to serve this world."""
        return {
            "BENCH_DATABASE": self.app_url,
            "BENCH_TENANT": str(self.tenant.id),
            "BENCH_POOL": str(POOL),
        }

    def cursor(self) -> str:
        """The place where the ladder's list goes on."""
        return cursor(self.settings, self.tenant, list(PLACE))


def cursor(settings: Settings, tenant: Tenant, place: list[str]) -> str:
    """As the API itself would have written it into `next_cursor`."""
    question = f"{tenant.id}{CustomerQuery().question()}"
    return cursors.write(settings.signing_secret(), question, place)


def build(server: EmbeddedServer, customers: int) -> World:
    """A migrated database with `customers` rows, spread evenly over the tenants."""
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {DATABASE}"))
    upgrade(server.url(OWNER, DATABASE))
    password = f"ALTER ROLE crm_app PASSWORD '{server.password}'"
    asyncio.run(_execute(server, DATABASE, password))
    return asyncio.run(_fill(server, customers))


async def _execute(server: EmbeddedServer, database: str, sql: str) -> None:
    connection = await asyncpg.connect(server.url(OWNER, database))
    await connection.execute(sql)
    await connection.close()


async def _fill(server: EmbeddedServer, customers: int) -> World:
    settings, owner_url = _settings(server), server.url(OWNER, DATABASE)
    made = await new_tenants(settings, [f"Tenant {n}" for n in range(TENANTS)])
    database = await asyncpg.connect(owner_url)
    await settle(database, [(tenant, customers // TENANTS) for tenant, _ in made])
    for tenant, _ in made:
        await settle_keys(database, tenant)
    await database.execute(BARE)
    await database.execute("VACUUM ANALYZE")
    tenant, key = made[TENANTS // 2]
    ids = [row["id"] for row in await database.fetch(SOME, tenant.id)]
    await database.close()
    return World(settings, owner_url, tenant, key, ids)


def _settings(server: EmbeddedServer) -> Settings:
    return Settings(
        database_url=SecretStr(server.url("crm_app", DATABASE)),
        database_owner_url=SecretStr(server.url(OWNER, DATABASE)),
        secret=SecretStr("a secret for the benchmark, long enough"),
    )


async def new_tenants(settings: Settings, names: list[str]) -> list[tuple[Tenant, str]]:
    """Tenants and their keys, made as `crm-api tenant create` makes them."""
    async with opened(settings) as house:
        return [
            await new_tenant(house, TenantCreate(name=name, kind=TenantKind.sandbox))
            for name in names
        ]
