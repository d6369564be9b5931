"""Every table of a tenant is locked twice, and could be distributed by tenant."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from asyncpg import PostgresError

from crm_api.kit.context import House
from crm_api.kit.db import Base

SEALED = {"events", "event_values"}
TENANTLESS = {
    "alembic_version",
    "issuer_index",
    "key_index",
    "narrow_lanes",
    "sequencer_state",
    "tenants",
    "timers",
}
TABLES = """
SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
       pg_get_userbyid(c.relowner) AS owner,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
AND c.relispartition = $1"""
KEYS = """
SELECT i.indrelid::regclass::text AS name, i.indexrelid::regclass::text AS key,
       (SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) AS first
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace"""
REFERENCES = """
SELECT conrelid::regclass::text AS name, conname AS key,
       (SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = conrelid AND a.attnum = conkey[1]) AS first
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""
VIEWS = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
AND NOT coalesce('security_invoker=true' = ANY(c.reloptions), false)"""
POLICY = "SELECT polrelid::regclass::text, pg_get_expr(polqual, polrelid) AS using FROM pg_policy"


async def test_every_table_is_known_and_every_known_table_is_there(admin: "Admin[Any]") -> None:
    found = {row["name"] for row in await admin.fetch(TABLES, False)}
    assert found == set(Base.metadata.tables) | {"alembic_version"}


async def test_every_tenant_table_is_forced_behind_a_policy(admin: "Admin[Any]") -> None:
    for table in await admin.fetch(TABLES, False):
        if table["name"] not in TENANTLESS:
            said = (table["forced"], table["owner"], table["policies"])
            policies = 2 if table["name"] in SEALED else 1
            assert said == (True, "crm_owner", policies), table


async def test_nobody_reaches_a_partition_but_through_its_table(admin: "Admin[Any]") -> None:
    """Behind row level security without a policy there is nothing, for the owner neither."""
    partitions = await admin.fetch(TABLES, True)
    assert len(partitions) >= 2 * 5
    rights = "SELECT has_table_privilege('crm_app', $1, 'SELECT, INSERT, UPDATE, DELETE')"
    for table in partitions:
        assert (table["forced"], table["owner"], table["policies"]) == (True, "crm_owner", 0), table
        assert await admin.fetchval(rights, table["name"]) is False


async def test_policies_are_evaluated_once_per_statement(admin: "Admin[Any]") -> None:
    for row in await admin.fetch(POLICY):
        assert "( SELECT (current_setting('app.tenant'::text))::uuid" in row["using"], row


@pytest.mark.parametrize("query", [KEYS, REFERENCES], ids=["unique keys", "foreign keys"])
async def test_every_key_begins_with_the_tenant(admin: "Admin[Any]", query: str) -> None:
    """Otherwise a duplicate would tell of another tenant's rows; also what Citus asks."""
    rows = [row for row in await admin.fetch(query) if row["name"] not in TENANTLESS]
    assert rows
    assert [row for row in rows if row["first"] != "tenant_id"] == []


async def test_no_view_passes_by_the_policies(admin: "Admin[Any]") -> None:
    assert await admin.fetch(VIEWS) == []


async def test_the_app_may_do_no_more_than_it_must(admin: "Admin[Any]") -> None:
    free = """SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS free,
    (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owns,
    has_schema_privilege(rolname, 'public', 'CREATE') AS creates
    FROM pg_roles r WHERE rolname = 'crm_app'"""
    assert tuple(await admin.fetchrow(free) or ()) == (False, 0, False)
    for table in Base.metadata.tables:
        forbidden = "SELECT has_table_privilege('crm_app', $1, 'TRUNCATE')"
        assert await admin.fetchval(forbidden, table) is False
    for change in (
        "UPDATE events SET type = 'x'",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE event_values SET data = 'x'",
        "UPDATE audit_checkpoints SET hash = 'x'",
        "DELETE FROM audit_checkpoints",
    ):
        async with admin.transaction():
            await admin.execute("SET LOCAL ROLE crm_app")
            with pytest.raises(PostgresError, match="permission denied"):
                async with admin.transaction():
                    await admin.execute(change)


async def test_without_a_tenant_the_database_answers_nothing(house: House) -> None:
    async with house.pool.line() as line:
        assert await line.driver.fetchval("SELECT current_user") == "crm_app"
        for table in set(Base.metadata.tables) - TENANTLESS:
            with pytest.raises(PostgresError):
                await line.driver.fetch(f"SELECT * FROM {table}")
