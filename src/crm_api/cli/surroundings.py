"""Where commands find their database and secret: named by the environment, or our own."""

import asyncio
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr, ValidationError

from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.migrations import head, upgrade
from crm_api.kit.tenancy import APP
from crm_api.settings import Settings

from .trouble import Trouble

DATABASE = "crm"
RUNNING = "running.json"


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(f"CRM_{'_'.join(map(str, e['loc'])).upper()}" for e in error.errors())
        raise Trouble(f"The environment has a wrong value: {names}.") from error


@contextmanager
def database(*, alone: bool = False) -> Iterator[Settings]:
    """Settings whose addresses are filled in; starts the embedded server where none is named.

    While another command runs the embedded server of the same home, that server is used, unless
    this one must be `alone`: it would be left without when the other ends.
    """
    settings = _with_secret(read_settings())
    if settings.database_owner_url is not None and settings.database_url is None:
        raise Trouble("CRM_DATABASE_OWNER_URL is set without CRM_DATABASE_URL: set both or none.")
    if settings.database_url is not None:
        yield settings
    elif running := _running(settings.home):
        if alone:
            raise Trouble(f"{settings.home} is being served already: stop that, or set CRM_HOME.")
        yield _at(settings, **running)
    else:
        with EmbeddedServer(settings.home) as server:
            yield from _served(settings, server)


def _served(settings: Settings, server: EmbeddedServer) -> Iterator[Settings]:
    asyncio.run(_make_database(server.url(OWNER, "postgres")))
    addresses = {"app": server.url(APP, DATABASE), "owner": server.url(OWNER, DATABASE)}
    migrate(_at(settings, **addresses))
    asyncio.run(_let_in(addresses["owner"], server.password))
    note = settings.home / RUNNING
    write_private(note, {"socket": str(server.socket), **addresses})
    try:
        yield _at(settings, **addresses)
    finally:
        note.unlink(missing_ok=True)


def _at(settings: Settings, app: str, owner: str) -> Settings:
    addresses = {"database_url": SecretStr(app), "database_owner_url": SecretStr(owner)}
    return settings.model_copy(update=addresses)


def _running(home: Path) -> dict[str, str] | None:
    """The addresses of the embedded server that another process has started, if it lives."""
    try:
        note = json.loads((home / RUNNING).read_text())
        with socket.socket(socket.AF_UNIX) as answering:
            answering.connect(note["socket"])
    except (OSError, ValueError, KeyError):
        return None
    return {"app": note["app"], "owner": note["owner"]}


async def _make_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    except asyncpg.DuplicateDatabaseError:
        pass
    finally:
        await connection.close()


async def _let_in(url: str, password: str) -> None:
    """The app's role logs in with the password of this home."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"ALTER ROLE {APP} PASSWORD '{password}'")
    await connection.close()


async def revision(url: str) -> str | None:
    """The revision that a database is at; null where it has none."""
    connection = await asyncpg.connect(url)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def migrate(settings: Settings) -> bool:
    """Bring the database to the newest revision; whether there was anything to do."""
    url = settings.owner_url()
    if asyncio.run(revision(url)) == head():
        return False
    upgrade(url)
    return True


def _with_secret(settings: Settings) -> Settings:
    """A secret of this home, where the environment names none."""
    if settings.secret is not None:
        return settings
    kept = settings.home / "secret"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            write_private(kept, secrets.token_urlsafe(48))
        return settings.model_copy(update={"secret": SecretStr(json.loads(kept.read_text()))})
    except ValueError as error:
        raise Trouble(f"{kept} is damaged: remove it, and a new secret is made.") from error
    except OSError as error:
        raise Trouble(
            f"{settings.home} cannot be written: set CRM_HOME to a directory of yours."
        ) from error


def write_private(path: Path, value: Any) -> None:
    """JSON that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file)
    draft.replace(path)
