"""Many tenants and roles over five connections, some of them hanging up: nobody sees another's."""

import asyncio
import re
from collections import Counter
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from fastapi import FastAPI

from crm_api.kit.context import House
from crm_api.kit.logs import configure_logs
from crm_api.main import create_app

from .crowds import Asker, crowd
from .findings import Damage, Findings
from .flaws import OF_CONNECTIONS
from .parts import Part
from .processes import FORKS, begin, ended, until
from .product import settings_of
from .world import World

REQUESTS, FEW, TENANTS, CONNECTIONS, WIDTH = 20_000, 600, 4, 5, 40
ABORTED, LONGEST = 0.3, 0.012
MARK = re.compile(rb"mark_f[0-9]+_[a-z]+_")
RIGHT = {200, 403, 404, 503}
DEFECTS: dict[str, Damage] = dict(zip(OF_CONNECTIONS, ("torn", "foreign"), strict=True))
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'"
TENANT = "SELECT coalesce(current_setting('app.tenant', true), '')"
LEFT_OPEN = """
SELECT state FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%'
UNION ALL SELECT 'advisory lock' FROM pg_locks WHERE locktype = 'advisory' AND database =
  (SELECT oid FROM pg_database WHERE datname = current_database())"""


class Disturbed:
    """Asks at random, hangs up at random, and notes what it should not have heard."""

    def __init__(self, askers: list[Asker], random: Random) -> None:
        self.askers, self.random = askers, random
        self.found, self.told = Findings(), Counter[str]()

    async def ask(self, requests: int) -> None:
        left = iter(range(requests))

        async def some() -> None:
            for _ in left:
                await self._ask(self.random.choice(self.askers))

        async with asyncio.TaskGroup() as group:
            for _ in range(WIDTH):
                group.create_task(some())

    async def _ask(self, asker: Asker) -> None:
        method, path, body = asker.question(self.random)
        asking = asyncio.create_task(asker.client.request(method, path, json=body))
        if self.random.random() < ABORTED:
            await asyncio.wait([asking], timeout=self.random.uniform(0, LONGEST))
            self.told["aborted"] += asking.cancel()
        await asyncio.wait([asking])
        if asking.cancelled():
            return
        answer = asking.result()
        self.told[f"answers {answer.status_code}"] += 1
        if answer.status_code not in RIGHT and answer.status_code != 207:
            self.found.add("refused", f"{method} {path}: {answer.status_code}")
        if foreign := {m.decode() for m in MARK.findall(answer.content)} - asker.sees:
            self.found.add("foreign", f"{method} {path}: {sorted(foreign)}")


async def disturbed(app: FastAPI, requests: int, random: Random) -> Disturbed:
    """What so many requests have found, and what they have left on the connections."""
    house: House = app.state.house
    before = await _settings(house)
    asking = Disturbed(await crowd(app, TENANTS), random)
    await asking.ask(requests)
    async with AsyncExitStack() as stack:
        for _ in range(house.pool.size):
            line = await stack.enter_async_context(house.pool.line())
            if line.driver.is_in_transaction() or await line.driver.fetchval(TENANT):
                asking.found.add("torn", "a tenant that outlasts its request")
            now = {tuple(row) for row in await line.driver.fetch(SETTINGS)}
            asking.found.add_all("torn", (f"a setting that is left: {one}" for one in now ^ before))
        left = await line.driver.fetch(LEFT_OPEN)
        asking.found.add_all("torn", (f"left open: {row[0]}" for row in left))
    return asking


async def _settings(house: House) -> set[tuple[Any, ...]]:
    """As a connection has them that has done nothing yet."""
    async with house.pool.line() as line:
        return {tuple(row) for row in await line.driver.fetch(SETTINGS)}


def look(heard: "Connection[Any, Any]", url: str, requests: int, seed: str, flaw: str) -> None:
    """In a process of its own, which may have a defect."""
    configure_logs("error")
    if flaw:
        OF_CONNECTIONS[flaw]()

    async def all_of_it() -> Disturbed:
        size = {"database_pool_size": CONNECTIONS}
        app = create_app(settings_of(url).model_copy(update=size))
        async with app.router.lifespan_context(app):
            return await disturbed(app, requests, Random(seed))

    done = asyncio.run(all_of_it())
    heard.send((done.found.all, done.told))


async def _looked(world: World, requests: int, flaw: str = "") -> tuple[Findings, Counter[str]]:
    mine, theirs = FORKS.Pipe()
    seed = f"{world.plan.seed} isolation {flaw}"
    process = begin(look, theirs, world.database.app_url(), requests, seed, flaw)
    theirs.close()
    await until(lambda: mine.poll() or process.exitcode is not None, "isolation", 1800.0)
    found = Findings()
    found.all, told = mine.recv()
    await ended(process)
    return found, told


async def run(world: World) -> Part:
    part, requests = Part("isolation"), world.plan.times(REQUESTS, FEW)
    part.found, told = await _looked(world, requests)
    part.did(f"requests of {TENANTS} tenants over {CONNECTIONS} connections", requests)
    for what, count in sorted(told.items()):
        part.did(what, count)
    for flaw, damage in DEFECTS.items():
        found, _ = await _looked(world, FEW, flaw)
        if not found.count(damage):
            part.found.add("lost", f"nobody noticed: {flaw}")
        part.did(f"found of a defect: {flaw}", sum(map(len, found.all.values())))
    return part
