"""The world that is measured: one database, many customers in ten tenants, made once."""

import asyncio
from dataclasses import dataclass

import asyncpg
from pydantic import SecretStr

from crm_api.cli.unit import new_tenant, opened
from crm_api.kit.context import Tenant
from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.migrations import upgrade
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate
from crm_api.settings import Settings

DATABASE, TENANTS = "bench", 10
CUSTOMERS = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, contact_points, tags,
  preferences, family_name, given_name, created_at, updated_at)
SELECT $1, gen_random_uuid(), 'person', surname || given || n, 'name ' || n % 9973, at,
  jsonb_build_array(
    jsonb_build_object('kind', 'email', 'value', 'u' || n || '@example.com', 'label', NULL,
      'is_primary', true),
    jsonb_build_object('kind', 'phone', 'value', '+86138' || lpad((n % 100000000)::text, 8, '0'),
      'label', NULL, 'is_primary', true)),
  ARRAY['t' || n % 50],
  '{"channel": null, "not_before": null, "not_after": null, "language": null, "interests": []}',
  surname, given || n, at, at
FROM (SELECT n, timestamptz '2025-01-01' + n * interval '1 s' AS at,
        substr('王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗', 1 + n % 20, 1) AS surname,
        substr('伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平', 1 + n / 20 % 20, 1) AS given
      FROM generate_series(1, $2) n) made"""
KEYS = """
INSERT INTO customer_keys (tenant_id, kind, value, customer_id)
SELECT tenant_id, point->>'kind', point->>'value', id
FROM customers, jsonb_array_elements(contact_points) point WHERE tenant_id = $1"""
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


@dataclass(frozen=True)
class World:
    settings: Settings
    tenant: Tenant
    key: str
    ids: list[str]


def settings_of(server: EmbeddedServer) -> Settings:
    return Settings(
        database_url=SecretStr(server.url("crm_app", DATABASE)),
        database_owner_url=SecretStr(server.url(OWNER, DATABASE)),
        secret=SecretStr("a secret for the benchmark, long enough"),
    )


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
    settings = settings_of(server)
    async with opened(settings) as house:
        made = [
            await new_tenant(house, TenantCreate(name=f"Bench {n}", kind=TenantKind.sandbox))
            for n in range(TENANTS)
        ]
    database = await asyncpg.connect(server.url(OWNER, DATABASE))
    for tenant, _ in made:
        await database.execute(CUSTOMERS, tenant.id, customers // TENANTS)
        await database.execute(KEYS, tenant.id)
    await database.execute(BARE)
    await database.execute("VACUUM ANALYZE")
    tenant, key = made[TENANTS // 2]
    chosen = (
        "SELECT 'cus_' || encode(uuid_send(id), 'hex') AS id FROM customers "
        "WHERE tenant_id = $1 LIMIT 5000"
    )
    ids = [row["id"] for row in await database.fetch(chosen, tenant.id)]
    await database.close()
    return World(settings, tenant, key, ids)
