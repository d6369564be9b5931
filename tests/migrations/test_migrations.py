"""Revisions lead up, down and up again to exactly what the code declares."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from alembic import command

from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.ids import uuid7
from crm_api.kit.migrations import config, head, upgrade
from crm_api.kit.partitions import PARTITION

REVISIONS = sorted(Path("migrations/versions").glob("*.py"))
SCHEMA = """
SELECT table_name, column_name, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT polrelid::regclass::text, polname, pg_get_expr(polqual, polrelid), '', ''
FROM pg_policy
UNION ALL SELECT table_name, grantee, privilege_type, '', ''
FROM information_schema.role_table_grants WHERE table_schema = 'public'
ORDER BY 1, 2, 3"""


def test_up_down_and_up_again_is_the_same_and_what_the_code_declares(
    server: EmbeddedServer, template: str
) -> None:
    name = "crm_up_and_down"
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {name}"))
    alembic = config(server.url(OWNER, name))
    upgrade(server.url(OWNER, name))
    first = asyncio.run(_schema(server, name))
    command.check(alembic)
    command.downgrade(alembic, "base")
    assert {row[0] for row in asyncio.run(_schema(server, name))} == {"alembic_version"}
    command.upgrade(alembic, "head")
    assert asyncio.run(_schema(server, name)) == first
    asyncio.run(_execute(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(server: EmbeddedServer, database: str, sql: str) -> None:
    connection = await asyncpg.connect(server.url(OWNER, database))
    await connection.execute(sql)
    await connection.close()


async def _schema(server: EmbeddedServer, database: str) -> list[Any]:
    connection = await asyncpg.connect(server.url(OWNER, database))
    rows = await connection.fetch(SCHEMA)
    await connection.close()
    return rows


def test_revisions_are_dated_and_wait_for_no_lock_for_long() -> None:
    assert REVISIONS
    for path in REVISIONS:
        assert path.name[:10].replace("_", "").isdigit(), path.name
        for part in path.read_text().split("\ndef ")[1:3]:
            assert "SET LOCAL lock_timeout" in part, path.name
    assert "lock_timeout" in Path("migrations/script.py.mako").read_text()
    assert head()


BEFORE_MONTHS, BEFORE_USERS, TENANT = "486e15a40739", "5d0e7b1c94fa", UUID(int=1)
BEGUN = """
ALTER TABLE events ADD COLUMN user_id uuid;
CREATE INDEX ix_events_user_id ON ONLY events (tenant_id, user_id, sequence)
WHERE sequence IS NOT NULL AND user_id IS NOT NULL"""
PARTS = """
SELECT (SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass) AS months,
       (SELECT count(*) FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid AND indisvalid
        WHERE inhparent = 'ix_events_user_id'::regclass) AS parts,
       (SELECT count(*) FROM pg_index WHERE NOT indisvalid) AS invalid"""
EVENT = """
WITH made AS (INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, request_id,
  created_at, sequence) VALUES ($1, $2, 'tenant.updated', $1, 1, $1, 'req', now(), $3))
INSERT INTO event_values (tenant_id, event_id, data) VALUES ($1, $2, '{}')"""
STATUSES = "SELECT name, is_default FROM ticket_statuses ORDER BY position"
ROWS = """
SELECT e.tableoid::regclass::text AS place, e.id, e.sequence, v.data, v.salt
FROM events e JOIN event_values v ON v.event_id = e.id ORDER BY e.id"""


def test_a_journal_that_is_there_becomes_the_first_month_and_one_table_again(
    server: EmbeddedServer, template: str
) -> None:
    name = "crm_months"
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {name}"))
    alembic = config(server.url(OWNER, name))
    command.upgrade(alembic, BEFORE_MONTHS)
    ids = [uuid7(datetime(2025, month, 1, tzinfo=UTC)) for month in (1, 7)] + [uuid7()]
    asyncio.run(_events(server, name, ids))
    before = [tuple(row)[1:] for row in asyncio.run(_rows(server, name))]
    command.upgrade(alembic, "head")
    rows = asyncio.run(_rows(server, name))
    assert [tuple(row)[1:] for row in rows] == before
    (first,) = {row["place"] for row in rows}
    assert PARTITION.fullmatch(first)
    assert not first.endswith("rest")
    asyncio.run(_events(server, name, [uuid7(datetime.now(UTC) + timedelta(days=40))], 4))
    assert asyncio.run(_rows(server, name))[-1]["place"] not in (first, "events_rest")
    command.downgrade(alembic, BEFORE_MONTHS)
    again = asyncio.run(_rows(server, name))
    assert [tuple(row)[1:] for row in again][:3] == before
    assert {row["place"] for row in again} == {"events"}
    asyncio.run(_execute(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)"))


def test_months_of_the_journal_are_indexed_one_by_one_and_whoever_was_held_up_begins_again(
    server: EmbeddedServer, template: str
) -> None:
    name = "crm_users"
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {name}"))
    alembic = config(server.url(OWNER, name))
    command.upgrade(alembic, BEFORE_USERS)
    asyncio.run(_events(server, name, [uuid7()]))
    before = asyncio.run(_rows(server, name))
    asyncio.run(_execute(server, name, BEGUN))
    asyncio.run(_execute(server, name, "SELECT add_journal_months(4)"))
    command.upgrade(alembic, "head")
    asyncio.run(_execute(server, name, "SELECT add_journal_months(5)"))
    ((months, parts, invalid),) = asyncio.run(_rows(server, name, PARTS))
    assert (parts, invalid) == (months, 0)
    assert asyncio.run(_rows(server, name)) == before
    asyncio.run(_execute(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)"))


BEFORE_SHARING = "7c2f4e91d0ab"
OLD_ROLES = """
SELECT set_config('app.tenant', '00000000-0000-0000-0000-000000000001', false);
INSERT INTO tenants (tenant_id, kind, created_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'live', now());
INSERT INTO tenant_settings (tenant_id, id, name, kind, base_currency, time_zone, phone_region,
  languages, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001', 'Group',
  'live', 'CNY', 'Asia/Shanghai', 'CN', '{zh-CN}', now(), now());
INSERT INTO roles (tenant_id, id, name, code, permissions, masked, created_at, updated_at)
SELECT '00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'Old', code, '[]', false, at, at
FROM (SELECT unnest('{sales,auditor,NULL}'::text[]) AS code, now() - interval '1 day' AS at) old"""
ROLES = """
SELECT code, name, jsonb_array_length(permissions), jsonb_array_length(fields), version
FROM roles"""


def test_roles_that_came_with_the_product_are_brought_up_to_date_and_no_others(
    server: EmbeddedServer, template: str
) -> None:
    name = "crm_roles"
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {name}"))
    alembic = config(server.url(OWNER, name))
    command.upgrade(alembic, BEFORE_SHARING)
    asyncio.run(_execute(server, name, OLD_ROLES))
    command.upgrade(alembic, "head")
    rows = asyncio.run(_rows(server, name, ROLES))
    found = {row["code"]: tuple(row)[1:] for row in rows}
    assert found[None] == ("Old", 0, 0, 1)
    assert (found["sales"][0], found["sales"][2]) == ("销售", 4)
    assert found["sales"][1] > 10
    assert found["unit_manager"][2:] == (0, 1)
    command.downgrade(alembic, BEFORE_SHARING)
    command.upgrade(alembic, "head")
    again = asyncio.run(_rows(server, name, ROLES))
    said = {row["code"]: tuple(row)[1:4] for row in again}
    assert said == {code: told[:3] for code, told in found.items()}
    asyncio.run(_execute(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)"))


BEFORE_SLA = "b1d5f20c9a37"
POLICIES = """
SELECT name, conditions ->> 'value', targets #>> '{low,first_response_minutes}' FROM sla_policies"""


def test_tenants_that_are_there_answer_vips_within_two_hours_from_now_on(
    server: EmbeddedServer, template: str
) -> None:
    name = "crm_sla"
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {name}"))
    alembic = config(server.url(OWNER, name))
    command.upgrade(alembic, BEFORE_SLA)
    asyncio.run(_execute(server, name, OLD_ROLES))
    command.upgrade(alembic, "head")
    rows = asyncio.run(_rows(server, name, POLICIES))
    assert [tuple(row) for row in rows] == [("VIP 客户", "vip", "120")]
    asyncio.run(_execute(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)"))


def test_tenants_that_are_there_have_a_status_for_each_category_of_tickets(
    server: EmbeddedServer,
) -> None:
    name = "crm_statuses"
    asyncio.run(_execute(server, "postgres", f"CREATE DATABASE {name}"))
    alembic = config(server.url(OWNER, name))
    command.upgrade(alembic, BEFORE_SHARING)
    asyncio.run(_execute(server, name, OLD_ROLES))
    command.upgrade(alembic, "head")
    rows = asyncio.run(_rows(server, name, STATUSES))
    assert [row["name"] for row in rows] == ["进行中", "等待客户", "等待第三方", "已解决", "已关闭"]
    assert all(row["is_default"] for row in rows)
    asyncio.run(_execute(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)"))


async def _events(server: EmbeddedServer, name: str, ids: list[UUID], first: int = 1) -> None:
    connection = await asyncpg.connect(server.url(OWNER, name))
    for sequence, id in enumerate(ids, first):
        await connection.execute(EVENT, TENANT, id, sequence)
    await connection.close()


async def _rows(server: EmbeddedServer, name: str, sql: str = ROWS) -> list[Any]:
    connection = await asyncpg.connect(server.url(OWNER, name))
    rows = await connection.fetch(sql)
    await connection.close()
    return rows
