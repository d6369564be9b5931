"""Revisions lead up, down and up again to exactly what the code declares."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command

from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.migrations import config, head, upgrade

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
