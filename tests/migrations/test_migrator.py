"""Who may migrate: a role that may make roles is enough, and the doctor knows what it lacks."""

import asyncio
from typing import Any

import asyncpg

from crm_api.cli.checks import search
from crm_api.kit.embedded import OWNER, temporary_server
from crm_api.kit.migrations import upgrade


async def _run(url: str, *statements: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetch(sql) for sql in statements]
    finally:
        await connection.close()


def test_a_role_that_may_only_make_roles_migrates_and_the_doctor_knows() -> None:
    with temporary_server() as server:
        postgres = server.url(OWNER, "postgres")
        role = f"CREATE ROLE migrator LOGIN CREATEROLE PASSWORD '{server.password}'"
        asyncio.run(_run(postgres, role, "CREATE DATABASE crm OWNER migrator"))
        upgrade(server.url("migrator", "crm"))
        assert asyncio.run(_advice(server.url(OWNER, "crm"))) is not None
        asyncio.run(_run(postgres, "ALTER ROLE crm_search BYPASSRLS"))
        assert asyncio.run(_advice(server.url(OWNER, "crm"))) is None


async def _advice(url: str) -> str | None:
    connection = await asyncpg.connect(url)
    try:
        return (await search(connection)).mend
    finally:
        await connection.close()
