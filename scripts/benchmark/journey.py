"""A year of real trade through the public API: how fast, also under a server that is killed, and
whether all of it is there to the cent.

Nothing is remembered beside the database: whoever breaks off sends all of it again, and what is
there already is `unchanged`, without a new version or an event.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.engine import make_url

from crm_api.cli import households
from crm_api.cli.households import WEEK, Good, Shop
from crm_api.cli.trading import Ids, Trading, load_products, store
from crm_api.kit.migrations import upgrade
from scripts.faulting.processes import until
from scripts.faulting.product import settings_of
from scripts.faulting.servers import Server

from .trade import Compared, Loaded, compare
from .trade import table as compared
from .world import World, new_tenants

DATABASE, NOUNS = "journey", ("customers", "products", "orders")
PATIENCE, PAUSE, LONGEST, LONG = 120.0, 0.05, 0.5, 86_400.0
Json = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How many of the baskets, all when not said, and how often the server is killed meanwhile."""

    baskets: int | None = None
    kills: int = 0


@dataclass(frozen=True)
class Year:
    """What is loaded; `ids` are those of the baskets."""

    ids: list[int]
    persons: list[Json]
    goods: list[Good]
    weeks: int


@dataclass
class Patient(Trading):
    """Sends again what was not answered, whether it was done or not, and takes the time."""

    again: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    async def post(self, path: str, body: Json) -> httpx.Response:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await super().post(path, body)
                except httpx.TransportError:
                    self.again += 1
                    await asyncio.sleep(PAUSE)

    async def upsert(self, noun: str, items: Any, total: int) -> Ids:
        begun = time.monotonic()
        ids = await super().upsert(noun, items, total)
        self.seconds[noun] = time.monotonic() - begun
        return ids

    def pace(self, noun: str) -> float:
        return self.outcomes[noun].total() / self.seconds[noun]

    def reached(self, orders: float) -> bool:
        return "orders" in self.outcomes and self.outcomes["orders"].total() >= orders


def run(world: World, plan: Plan) -> str:
    with TemporaryDirectory() as folder:
        return asyncio.run(_run(world, plan, Path(folder) / "server.log"))


async def _run(world: World, plan: Plan, log: Path) -> str:
    owner_url, app_url = await _database(world)
    [(tenant, key)] = await new_tenants(settings_of(app_url), ["Journey"])
    server, year = Server(app_url, log), _year(plan)
    await server.start()
    try:
        async with _caller(server, key) as api:
            first, customers = await _load(api, year, server, plan.kills)
            second, _ = await _load(api, year, server, 0)
            loaded = Loaded(api, owner_url, tenant.id, customers, year.ids, year.weeks)
            found = await compare(loaded)
    finally:
        await server.kill()
    return _judged(found, second, table(first, second, plan.kills))


async def _database(world: World) -> tuple[str, str]:
    """The addresses of a database of its own, for its owner and for the application."""
    connection = await asyncpg.connect(world.owner_url)
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()
    urls = [make_url(url).set(database=DATABASE) for url in (world.owner_url, world.app_url)]
    owner, app = (url.render_as_string(hide_password=False) for url in urls)
    await asyncio.to_thread(upgrade, owner)
    return owner, app


def _year(plan: Plan) -> Year:
    """A part of the baskets has those products that it names, all have all of them."""
    ids, weeks = households.spread(plan.baskets), households.shift_weeks()
    named = None
    if plan.baskets:
        named = {line.product for basket in households.baskets(ids) for line in basket.lines}
    return Year(ids, households.persons(weeks), households.goods(named), weeks)


@asynccontextmanager
async def _caller(server: Server, key: str) -> AsyncIterator[httpx.AsyncClient]:
    headers, place = {"Authorization": f"Bearer {key}"}, f"http://127.0.0.1:{server.port}/v1"
    async with httpx.AsyncClient(base_url=place, headers=headers, timeout=30) as api:
        yield api


async def _load(
    api: httpx.AsyncClient, year: Year, server: Server, kills: int
) -> tuple[Patient, Ids]:
    """All of the year, and the ids of the customers by their households."""
    with Progress(console=Console(stderr=True)) as progress:
        trading = Patient(api, progress)
        unit = await store(api)
        persons = ({"external_id": _household(body), "data": body} for body in year.persons)
        customers = await trading.upsert("customers", persons, len(year.persons))
        products = await load_products(trading, year.goods)
        killing = asyncio.create_task(_kill(server, trading, kills, len(year.ids)))
        shop = Shop(unit, customers, products, WEEK * year.weeks)
        await trading.upsert("orders", _orders(year, shop), len(year.ids))
        await killing
    return trading, customers


def _household(body: Json) -> str:
    return str(body["external_ids"]["complete_journey"])


def _orders(year: Year, shop: Shop) -> Iterator[Json]:
    return (households.order(basket, shop) for basket in households.baskets(year.ids))


async def _kill(server: Server, trading: Patient, kills: int, orders: int) -> None:
    """kill -9 at any moment of the load, and the server is started again."""
    chance = Random(kills)
    for share in sorted(chance.random() for _ in range(kills)):
        await until(partial(trading.reached, share * orders), "the load goes on", LONG)
        await asyncio.sleep(chance.uniform(0, LONGEST))
        await server.again()


def _judged(found: list[Compared], second: Patient, paces: str) -> str:
    """Ends the program where anything is lost, doubled or changed by a second load."""
    text = f"{paces}\n\n{compared(found)}"
    changes = {noun: dict(second.outcomes[noun]) for noun in NOUNS}
    if any(told.keys() != {"unchanged"} for told in changes.values()):
        sys.exit(f"scripts/bench: the second load has changed something: {changes}\n\n{text}")
    if not all(one.is_same for one in found):
        sys.exit(f"scripts/bench: this is not what the file says:\n\n{text}")
    return text


def table(first: Patient, second: Patient, kills: int) -> str:
    lines = ["| | customers | products | orders |", "|---|---|---|---|"]
    for name, load in (("first load", first), ("the same again", second)):
        lines.append(_row(f"{name}, a second", [f"{load.pace(noun):,.0f}" for noun in NOUNS]))
        lines.append(_row(f"{name}, outcomes", [_told(load, noun) for noun in NOUNS]))
    if kills:
        lines.append(_row("kill -9 of the server", ["", "", str(kills)]))
        lines.append(_row("requests without an answer, sent again", ["", "", str(first.again)]))
    return "\n".join(lines)


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _told(load: Patient, noun: str) -> str:
    return ", ".join(f"{count:,} {outcome}" for outcome, count in load.outcomes[noun].items())
