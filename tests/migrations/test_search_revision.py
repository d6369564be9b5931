"""The revision that brings search: customers that are there already are found, on any server."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
from alembic import command

from crm_api.cli.checks import search
from crm_api.kit.embedded import OWNER, EmbeddedServer, temporary_server
from crm_api.kit.migrations import config
from crm_api.kit.search import found_by
from crm_api.settings import driver_url

BEFORE = "4f1c0a7e2b93"
TENANTS = (UUID(int=1), UUID(int=2))
TENANT = "INSERT INTO tenants (tenant_id, kind, created_at) VALUES ($1, 'live', now())"
CUSTOMERS = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences,
  contact_points, external_ids, external_id_aliases, created_at, updated_at)
SELECT $1, gen_random_uuid(), 'person', '王芳', 'wang fang', now(), '{}',
  '[{"kind": "phone", "value": "+8613800138000"}]', '{"sap": "104711"}',
  '[{"system": "sap", "value": "99001"}]', now(), now() FROM generate_series(1, 1500)"""
FOUND = (
    "SELECT search_text, search_pieces, count(*) FROM customers WHERE tenant_id = $1 GROUP BY 1, 2"
)
TEXTS = ("王芳", "wang fang", None, "+8613800138000", "104711", "99001")


async def _run(url: str, *statements: tuple[Any, ...]) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetch(sql, *arguments) for sql, *arguments in statements]
    finally:
        await connection.close()


def _migrated(server: EmbeddedServer, role: str, name: str) -> None:
    """First to the revision before, then filled by a superuser, then to the newest."""
    alembic = config(driver_url(server.url(role, name)))
    command.upgrade(alembic, BEFORE)
    rows = [(sql, tenant) for tenant in TENANTS for sql in (TENANT, CUSTOMERS)]
    asyncio.run(_run(server.url(OWNER, name), *rows))
    command.upgrade(alembic, "head")


def _everybody_is_found(server: EmbeddedServer, name: str) -> None:
    for tenant in TENANTS:
        rows = asyncio.run(_run(server.url(OWNER, name), (FOUND, tenant)))[0]
        wanted = found_by(tenant, *TEXTS)
        assert [tuple(row) for row in rows] == [(*wanted.values(), 1500)]


def test_customers_that_are_there_already_are_found(server: EmbeddedServer, template: str) -> None:
    postgres, name = server.url(OWNER, "postgres"), "crm_before_search"
    asyncio.run(_run(postgres, (f"CREATE DATABASE {name}",)))
    _migrated(server, OWNER, name)
    _everybody_is_found(server, name)
    asyncio.run(_run(postgres, (f"DROP DATABASE {name} WITH (FORCE)",)))


def test_a_role_that_may_only_make_roles_migrates_and_the_doctor_knows() -> None:
    with temporary_server() as server:
        postgres = server.url(OWNER, "postgres")
        role = f"CREATE ROLE migrator LOGIN CREATEROLE PASSWORD '{server.password}'"
        asyncio.run(_run(postgres, (role,), ("CREATE DATABASE crm OWNER migrator",)))
        _migrated(server, "migrator", "crm")
        _everybody_is_found(server, "crm")
        assert asyncio.run(_advice(server.url(OWNER, "crm"))) is not None
        asyncio.run(_run(postgres, ("ALTER ROLE crm_search BYPASSRLS",)))
        assert asyncio.run(_advice(server.url(OWNER, "crm"))) is None


async def _advice(url: str) -> str | None:
    connection = await asyncpg.connect(url)
    try:
        return (await search(connection)).mend
    finally:
        await connection.close()
