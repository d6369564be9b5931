"""One database, two servers, and a tenant for each part: parts do not disturb each other."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from crm_api.cli.unit import new_tenant, opened
from crm_api.kit.migrations import upgrade
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.schemas import TenantCreate

from . import stored
from .callers import Caller
from .checker import check
from .database import Database
from .findings import Findings
from .history import History, Write
from .processes import until
from .product import settings_of
from .requests import Requests
from .servers import Server

LEFT_OPEN = """
SELECT state AS what, query AS more FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%'
UNION ALL SELECT 'advisory lock', l::text FROM pg_locks l WHERE locktype = 'advisory'"""
RECORDS = 20
ERRORS = ('"level": "error"', '"level":"error"', "Traceback", "ERROR")


@dataclass(frozen=True)
class Plan:
    """How much of everything: 1 is the full figures."""

    scale: float
    seed: int
    history: Path | None

    def times(self, full: int, least: int = 1) -> int:
        return max(least, round(full * self.scale))


class World:
    def __init__(self, home: Path, plan: Plan) -> None:
        self.home, self.plan = home, plan
        self.database = Database(home)
        self.running = AsyncExitStack()
        self.lines_read = 0
        self.servers: list[Server] = []

    async def start(self) -> None:
        await self.database.start()
        await self.database.make()
        await asyncio.to_thread(upgrade, self.database.url())
        await self.database.let_in()
        self.servers = [await self.server() for _ in range(2)]

    async def server(self, flaw: str = "") -> Server:
        """Stopped with the world."""
        log = self.home / f"server-{flaw.replace(' ', '-') or 'sound'}.log"
        server = Server(self.database.app_url(), log, flaw)
        await server.start()
        self.running.push_async_callback(server.kill)
        return server

    async def tenant(self, name: str) -> tuple[UUID, str]:
        async with opened(settings_of(self.database.app_url())) as house:
            asked = TenantCreate(name=name, kind=TenantKind.sandbox)
            tenant, key = await new_tenant(house, asked)
        return tenant.id, key

    async def stage(self, name: str, cuts: float = 0.0) -> "Stage":
        tenant, key = await self.tenant(name)
        random = Random(f"{self.plan.seed} {name}")
        history = History()
        return Stage(self, tenant, history, Caller(key, random, history, cuts), _asks(name, random))

    def errors(self) -> list[str]:
        """What the sound servers have logged as nobody's intention since the last time."""
        lines = (self.home / "server-sound.log").read_text(errors="replace").splitlines()
        new, self.lines_read = lines[self.lines_read :], len(lines)
        return [line for line in new if any(word in line for word in ERRORS)]


def _asks(name: str, random: Random) -> Requests:
    return Requests(name.replace(" ", "-"), random)


@dataclass
class Stage:
    """What one part works with: a tenant of its own, one caller, what was asked and heard."""

    world: World
    tenant: UUID
    history: History
    caller: Caller
    requests: Requests

    async def some_records(self) -> None:
        """So that there is something to change from the first moment on."""
        for _ in range(RECORDS):
            await self.settled("create")

    async def settled(self, kind: str) -> Write:
        write = self.begun(kind)
        if answer := await self.caller.settle(write):
            self.requests.learn(write, answer)
        return write

    async def written(self, count: int) -> None:
        """Until so many writes have been begun by the callers."""
        await until(lambda: len(self.history.writes) >= count, "callers are slow")

    def begun(self, kind: str) -> Write:
        write = self.requests.next(kind)
        self.history.writes.append(write)
        return write

    async def verdict(self) -> Findings:
        """Compare everything, once all is quiet."""
        database = await self.world.database.connect()
        found = check(self.history, await stored.read(database, self.tenant))
        for row in await database.fetch(LEFT_OPEN):
            found.add("torn", f"left open: {row['what']} {row['more']}")
        await database.close()
        if self.world.plan.history:
            self.history.save(self.world.plan.history)
        return found


@asynccontextmanager
async def world(plan: Plan) -> AsyncIterator[World]:
    as_root = os.geteuid() == 0
    with TemporaryDirectory(prefix="crm-faults-", dir="/tmp" if as_root else None) as home:
        os.chmod(home, 0o711 if as_root else 0o700)  # the server's account goes through it
        made = World(Path(home), plan)
        try:
            await made.start()
            yield made
        finally:
            await made.running.aclose()
            await made.database.stop()
