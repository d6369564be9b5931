"""`crm-api doctor`: what is wrong with the surroundings, and how to mend it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
import typer
from rich.console import Console

from crm_api.kit.migrations import head
from crm_api.settings import Settings

from .surroundings import database, revision
from .trouble import sentence

out = Console(soft_wrap=True)
OLDEST, SECRET_LENGTH = 150000, 32
TRIGRAMS = "SELECT cardinality(show_trgm('张三丰')) > 0"


@dataclass(frozen=True)
class Finding:
    """`mend` is null where nothing is wrong."""

    what: str
    mend: str | None = None


Check = Callable[["asyncpg.Connection[asyncpg.Record]", Settings], Awaitable[Finding]]


def doctor() -> None:
    """Look at the surroundings and explain what is wrong with them and how to mend it."""
    with database() as settings:
        findings = [secret(settings), *asyncio.run(examine(settings))]
    for finding in findings:
        mark = "[green]ok[/green]  " if finding.mend is None else "[red]bad[/red] "
        out.print(mark, finding.what)
        if finding.mend:
            out.print("     ", finding.mend)
    raise typer.Exit(any(finding.mend for finding in findings))


async def examine(settings: Settings) -> list[Finding]:
    url = settings.app_url().replace("+asyncpg", "", 1)
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        return [Finding("The database does not answer.", said)]
    try:
        return [await check(connection, settings) for check in CHECKS]
    finally:
        await connection.close()


def secret(settings: Settings) -> Finding:
    if len(settings.signing_secret()) < SECRET_LENGTH:
        mend = "Set CRM_SECRET to 48 random bytes, such as: openssl rand -base64 48"
        return Finding(f"CRM_SECRET is weak: it has fewer than {SECRET_LENGTH} characters.", mend)
    return Finding("The secret is long enough.")


async def version(connection: "asyncpg.Connection[asyncpg.Record]", _: Settings) -> Finding:
    number = int(await connection.fetchval("SHOW server_version_num"))
    if number < OLDEST:
        return Finding(f"PostgreSQL {number // 10000} is too old.", "Use PostgreSQL 15 or newer.")
    return Finding(f"PostgreSQL {number // 10000}.")


async def encoding(connection: "asyncpg.Connection[asyncpg.Record]", _: Settings) -> Finding:
    name = await connection.fetchval("SHOW server_encoding")
    if name != "UTF8":
        mend = "Create the database anew: CREATE DATABASE crm TEMPLATE template0 ENCODING 'UTF8'."
        return Finding(f"The database's encoding is {name}.", mend)
    return Finding("The database's encoding is UTF8.")


async def extension(connection: "asyncpg.Connection[asyncpg.Record]", _: Settings) -> Finding:
    available = "SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'pg_trgm'"
    if not await connection.fetchval(available):
        mend = "Install the contrib package of your PostgreSQL, such as postgresql-contrib."
        return Finding("The extension pg_trgm is missing on the server.", mend)
    return Finding("The extension pg_trgm is there.")


async def trigrams(connection: "asyncpg.Connection[asyncpg.Record]", _: Settings) -> Finding:
    mend = "Create the database anew with LC_CTYPE 'C.UTF-8' (or any UTF-8 locale), not 'C'."
    try:
        if await connection.fetchval(TRIGRAMS):
            return Finding("Trigrams know Chinese characters.")
    except asyncpg.UndefinedFunctionError:
        return Finding("Trigrams cannot be tried.", "Run crm-api migrate, which adds pg_trgm.")
    return Finding("Trigrams do not know Chinese characters: searches would find nothing.", mend)


async def migrations(_: "asyncpg.Connection[asyncpg.Record]", settings: Settings) -> Finding:
    found = await revision(settings.app_url())
    if found != head():
        return Finding(
            f"The database is at revision {found}, not {head()}.", "Run crm-api migrate."
        )
    return Finding("The database is at this release's revision.")


async def role(connection: "asyncpg.Connection[asyncpg.Record]", _: Settings) -> Finding:
    free = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    if await connection.fetchval(free):
        mend = "Let CRM_DATABASE_URL log in as crm_app; meanwhile the API works by SET ROLE."
        return Finding("The login role passes by row level security.", mend)
    return Finding("The login role is held by row level security.")


CHECKS: tuple[Check, ...] = (version, encoding, extension, migrations, trigrams, role)
