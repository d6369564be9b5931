"""What must be true of the surroundings; each finding says how to mend it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

from crm_api.kit.migrations import behind
from crm_api.kit.search import SEARCH
from crm_api.settings import Settings

Database = asyncpg.Connection  # generic in the stubs only
OLDEST, SECRET_LENGTH = 150000, 32
EXTENSIONS = ("pg_trgm", "btree_gist")


@dataclass(frozen=True)
class Finding:
    """`mend` is null where nothing is wrong."""

    what: str
    mend: str | None = None


Check = Callable[["Database[asyncpg.Record]"], Awaitable[Finding]]


def secret(settings: Settings) -> Finding:
    if len(settings.signing_secret()) < SECRET_LENGTH:
        mend = "Set CRM_SECRET to 48 random bytes, such as: openssl rand -base64 48"
        return Finding(f"CRM_SECRET is weak: it has fewer than {SECRET_LENGTH} characters.", mend)
    return Finding("The secret is long enough.")


async def version(database: "Database[asyncpg.Record]") -> Finding:
    number = int(await database.fetchval("SHOW server_version_num"))
    if number < OLDEST:
        return Finding(f"PostgreSQL {number // 10000} is too old.", "Use PostgreSQL 15 or newer.")
    return Finding(f"PostgreSQL {number // 10000}.")


async def encoding(database: "Database[asyncpg.Record]") -> Finding:
    name = await database.fetchval("SHOW server_encoding")
    if name != "UTF8":
        mend = "Create the database anew: CREATE DATABASE crm TEMPLATE template0 ENCODING 'UTF8'."
        return Finding(f"The database's encoding is {name}.", mend)
    return Finding("The database's encoding is UTF8.")


async def extensions(database: "Database[asyncpg.Record]") -> Finding:
    available = "SELECT name FROM pg_available_extensions WHERE name = ANY($1)"
    there = {row["name"] for row in await database.fetch(available, EXTENSIONS)}
    if missing := [name for name in EXTENSIONS if name not in there]:
        mend = "Install the contrib package of your PostgreSQL, such as postgresql-contrib."
        return Finding(f"Extensions are missing on the server: {', '.join(missing)}.", mend)
    return Finding(f"The extensions {' and '.join(EXTENSIONS)} are there.")


async def migrations(database: "Database[asyncpg.Record]") -> Finding:
    try:
        found = await database.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        found = None
    if found in behind():
        return Finding("The database is older than this release.", "Run crm-api migrate.")
    return Finding("The database has what this release needs.")


async def trigrams(database: "Database[asyncpg.Record]") -> Finding:
    mend = "Create the database anew with LC_CTYPE 'C.UTF-8' (or any UTF-8 locale), not 'C'."
    try:
        if await database.fetchval("SELECT cardinality(show_trgm('张三丰')) > 0"):
            return Finding("Trigrams know Chinese characters.")
    except asyncpg.UndefinedFunctionError:
        return Finding("Trigrams cannot be tried.", "Run crm-api migrate, which adds pg_trgm.")
    return Finding("The database's locale does not know Chinese characters.", mend)


async def role(database: "Database[asyncpg.Record]") -> Finding:
    free = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    if await database.fetchval(free):
        mend = "Let CRM_DATABASE_URL log in as crm_app; meanwhile the API works by SET ROLE."
        return Finding("The login role passes by row level security.", mend)
    return Finding("The login role is held by row level security.")


async def search(database: "Database[asyncpg.Record]") -> Finding:
    free = await database.fetchval(f"SELECT rolbypassrls FROM pg_roles WHERE rolname = '{SEARCH}'")
    if free is None:
        return Finding("Search is not there yet.", "Run crm-api migrate.")
    if not free:
        mend = f"As a superuser: ALTER ROLE {SEARCH} BYPASSRLS; until then the answers are right."
        return Finding("Search uses no index and is slow in large tenants.", mend)
    return Finding("Search uses its index.")


NEEDED: tuple[Check, ...] = (version, encoding, extensions, migrations, trigrams)
ADVISED: tuple[Check, ...] = (role, search)


async def examine(settings: Settings, checks: tuple[Check, ...]) -> list[Finding]:
    """Raises what the driver raises where the database does not answer."""
    database = await asyncpg.connect(settings.app_url(), timeout=5)
    try:
        return [await check(database) for check in checks]
    finally:
        await database.close()
