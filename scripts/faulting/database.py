"""A PostgreSQL that is as durable as in production, and is killed with all its processes."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import asyncpg

from crm_api.kit.embedded import OWNER, EmbeddedServer
from crm_api.kit.tenancy import APP

from .processes import FORKS, begin, ended, until

NAME = "faults"
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def keep(home: Path, line: "Connection[Any, Any]") -> None:
    """Keep the server until the other end of the line hangs up."""
    with EmbeddedServer(home, durable=True) as server:
        line.send((server.password, str(server.socket.parent)))
        with suppress(EOFError):
            line.recv()


class Database:
    """Its address is the same after each start: `socket` leads to where the server listens."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.password = ""
        self.socket = home / "socket"
        self.keeper: BaseProcess | None = None

    def url(self, user: str = OWNER, name: str = NAME) -> str:
        return f"postgresql://{user}:{self.password}@/{name}?host={self.socket}&port=5432"

    def app_url(self) -> str:
        return self.url(APP)

    async def start(self) -> None:
        """Returns when the server answers."""
        self.line, theirs = FORKS.Pipe()
        self.keeper = begin(keep, self.home, theirs)
        theirs.close()
        await until(self.line.poll, "PostgreSQL does not start")
        self.password, sockets = self.line.recv()
        self.socket.unlink(missing_ok=True)
        self.socket.symlink_to(sockets)

    async def kill(self) -> float:
        """SIGKILL to the postmaster, to all its children and to their keeper; when that was."""
        assert self.keeper is not None
        data = Path(json.loads((self.home / "pg.json").read_text())["data"])
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)
        for pid in (*_children(postmaster), postmaster):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        self.keeper.kill()
        await ended(self.keeper)
        return killed

    async def stop(self) -> None:
        if self.keeper is not None:
            self.line.close()
            await ended(self.keeper)

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """As the owner, who sees the rows of all tenants."""
        return await asyncpg.connect(self.url())

    async def make(self) -> None:
        """An empty database. Raises RuntimeError where a commit would not outlive a crash."""
        connection = await asyncpg.connect(self.url(name="postgres"))
        hasty = [name for name in DURABLE if await connection.fetchval(f"SHOW {name}") != "on"]
        if hasty:
            raise RuntimeError(f"PostgreSQL runs without {', '.join(hasty)}.")
        await connection.execute(f"CREATE DATABASE {NAME}")
        await connection.close()

    async def let_in(self) -> None:
        connection = await self.connect()
        await connection.execute(f"ALTER ROLE {APP} PASSWORD '{self.password}'")
        await connection.close()


def _children(parent: int) -> Iterator[int]:
    """The fourth field of `stat`, after a name that may hold anything, is the parent."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)
