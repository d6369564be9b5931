"""A receiver that fails and hangs, a worker that dies: every event arrives, with the same bytes."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from .callers import load
from .findings import Findings
from .parts import Part
from .processes import begin, ended
from .product import RECEIVER, deliver
from .world import Stage, World

EVENTS, KILLS, WRITERS, REHEARSED = 10_000, 50, 8, 50
FAILING, HANGING, TIRED = 0.3, 0.1, 6
"""How often it fails and hangs, for the first attempts of each event."""
OK, FAILED = (b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status for status in (204, 500))
COMMITTED = """
SELECT 'evt_' || replace(e.id::text, '-', '') AS id FROM events e
WHERE e.tenant_id = $1 AND e.type LIKE 'customer.%' AND e.sequence > (
  SELECT sequence FROM events WHERE tenant_id = $1 AND type = 'webhook_endpoint.created')"""
NOT_DELIVERED = """
SELECT count(*) FROM webhook_deliveries WHERE tenant_id = $1 AND state <> 'delivered'"""
UNNUMBERED = "SELECT count(*) FROM events WHERE tenant_id = $1 AND sequence IS NULL"
UNPLANNED = """
SELECT count(*) FROM events e WHERE e.tenant_id = $1 AND e.type LIKE 'customer.%' AND e.id > (
  SELECT id FROM events WHERE tenant_id = $1 AND type = 'webhook_endpoint.created'
) AND NOT EXISTS (
  SELECT FROM webhook_deliveries d WHERE d.tenant_id = $1 AND d.event_id = e.id)"""
"""Events are given a number in one transaction, and to endpoints in the next."""
MOST_SECONDS = 1800
AN_HOUR = {"seconds": 3600}


@dataclass
class Receiver:
    """What came, by the event's id: the digests of the bodies, and how often."""

    random: Random
    bodies: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    attempts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    taken: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: int = 0
    hung: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (said := await self._answer(reader)) is not None:
                writer.write(said)
                await writer.drain()
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes | None:
        """Null hangs up, long after everybody has gone."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.rstrip().split("\r\n")[1:])
        body = await reader.readexactly(int(headers["content-length"]))
        id = headers["webhook-id"]
        self.bodies[id].add(hashlib.sha256(body).hexdigest())
        self.attempts[id] += 1
        luck = self.random.random() if self.attempts[id] < TIRED else 1.0
        if luck < HANGING:
            self.hung += 1
            await asyncio.sleep(2)
            return None
        if luck < HANGING + FAILING:
            self.failed += 1
            return FAILED
        self.taken[id] += 1
        return OK


@asynccontextmanager
async def receiving(random: Random) -> AsyncIterator[Receiver]:
    found = Receiver(random)
    server = await asyncio.start_server(found.serve, *RECEIVER, limit=2**20)
    yield found
    server.close()


async def run(world: World) -> Part:
    part, stage = Part("webhooks"), await world.stage("webhooks")
    events, kills = world.plan.times(EVENTS, 100), world.plan.times(KILLS, 3)
    async with (
        receiving(stage.caller.random) as receiver,
        stage.caller.at(world.servers) as caller,
        _api(stage) as api,
    ):
        place = {"url": "http://{}:{}/".format(*RECEIVER), "event_types": ["customer.*"]}
        (await api.post("/webhook-endpoints", json=place)).raise_for_status()
        await stage.some_records()
        async with load(caller, stage.requests, WRITERS, 0.02):
            for kill in range(kills):
                await _killed(world, stage, events * (kill + 1) // kills)
        await _rehearse(api, world.plan.times(REHEARSED, 5))
        async with asyncio.timeout(MOST_SECONDS):
            committed = await _arrived(stage, api)
    part.found.join(compare(committed, receiver))
    part.did("kill -9 of the worker", kills)
    part.did("events, each delivered", len(committed))
    part.did("requests that the receiver failed", receiver.failed)
    part.did("requests that it left hanging", receiver.hung)
    part.did("events that came more than once", sum(n > 1 for n in receiver.taken.values()))
    _judge(part, committed, receiver)
    return part


def _api(stage: Stage) -> httpx.AsyncClient:
    url = f"http://127.0.0.1:{stage.world.servers[0].port}/v1"
    return httpx.AsyncClient(base_url=url, headers=stage.caller.headers, timeout=30)


async def _killed(world: World, stage: Stage, writes: int) -> None:
    """While writers go on, at any moment."""
    worker = begin(deliver, world.database.app_url())
    await stage.written(writes)
    await asyncio.sleep(stage.caller.random.uniform(0, 0.5))
    worker.kill()
    await ended(worker)


async def _rehearse(api: httpx.AsyncClient, times: int) -> None:
    """Transactions that are undone."""
    for number in range(times):
        asked = {"kind": "person", "name": f"Nobody {number}"}
        await api.post("/customers", json=asked, headers={"Crm-Dry-Run": "true"})


async def _arrived(stage: Stage, api: httpx.AsyncClient) -> set[str]:
    """The events that were committed, once a worker that is left in peace has sent them all. The
    clock of the tenant goes on, so that what waits for hours is due."""
    worker = begin(deliver, stage.world.database.app_url())
    owner = await stage.world.database.connect()
    while await owner.fetchval(UNPLANNED, stage.tenant):  # noqa: ASYNC110 another process does it
        await asyncio.sleep(0.1)
    waiting = 1
    while waiting:
        await _advance(api)
        await asyncio.sleep(0.5)
        waiting = sum([await owner.fetchval(q, stage.tenant) for q in (UNNUMBERED, NOT_DELIVERED)])
    rows = await owner.fetch(COMMITTED, stage.tenant)
    await owner.close()
    worker.kill()
    await ended(worker)
    return {row["id"] for row in rows}


async def _advance(api: httpx.AsyncClient) -> None:
    """Raises HTTPStatusError, but where the clock is busy: then it is advanced the next time."""
    moved = await api.post("/sandbox/clock/advance", json=AN_HOUR)
    if moved.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        moved.raise_for_status()


def compare(committed: set[str], receiver: Any) -> Findings:
    """Every committed event was taken at least once, none that was not, and none in two shapes."""
    found = Findings()
    found.add_all("lost", (f"event {id}" for id in committed - receiver.taken.keys()))
    found.add_all("uncalled-for", (f"event {id}" for id in receiver.bodies.keys() - committed))
    several = (id for id, bodies in receiver.bodies.items() if len(bodies) > 1)
    found.add_all("different", (f"bodies of event {id}" for id in several))
    return found


def _judge(part: Part, committed: set[str], receiver: Receiver) -> None:
    """What is wrong on purpose is found."""
    some = next(iter(committed))
    wrong = Receiver(receiver.random, {some: {"a", "b"}, "evt_0": {"a"}}, {}, {"evt_0": 1})
    for damage in ("lost", "uncalled-for", "different"):
        if not compare(committed, wrong).all.get(damage):
            part.found.add("lost", f"nobody noticed what was {damage}")
