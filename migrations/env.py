"""Migrations run as a superuser or as a role that may create roles: CRM_DATABASE_OWNER_URL."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from crm_api import main as application
from crm_api.kit.db import Base
from crm_api.kit.engine import engine_of
from crm_api.kit.partitions import PARTITION
from crm_api.settings import Settings

assert application  # importing it makes every table known
ONE_AT_A_TIME = "SELECT pg_advisory_lock(7305801)"


def is_declared(name: str | None, kind: str, _: object) -> bool:
    """Partitions come and go; only what they are parts of is declared."""
    return kind != "table" or not PARTITION.fullmatch(name or "")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=False,
        include_name=is_declared,
    )
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    url = context.config.attributes.get("url") or Settings().owner_url()
    engine = engine_of(url)
    async with engine.execution_options(isolation_level="READ COMMITTED").connect() as connection:
        await connection.exec_driver_sql(ONE_AT_A_TIME)
        await connection.commit()
        await connection.run_sync(migrate)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(main())
