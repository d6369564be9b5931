"""Ten writers commit late and out of order, servers and worker die; two readers follow them all."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx

from .callers import CONNECTIONS, load
from .findings import Findings
from .parts import Part
from .points import DAWDLE
from .processes import begin, ended, until
from .product import work
from .world import Stage, World

WRITERS, WRITES, KILLS = 10, 10_000, 20
LONGEST, QUIET = "0.05", 1.0
JOURNAL = """
SELECT 'evt_' || replace(id::text, '-', '') AS id, object_id::text, version FROM events
WHERE tenant_id = $1 ORDER BY sequence"""
WAITING = "SELECT count(*) FROM events WHERE tenant_id = $1 AND sequence IS NULL"
Told = tuple[str, str, int]
"""An event's id, its object, and the version of that."""


class Reader:
    """Goes on where it was, at one server or another."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.seen = stage, list[Told]()
        self.broken = 0

    async def follow(self) -> None:
        while True:
            try:
                await self._read(self.stage.caller.random.choice(self.stage.world.servers).port)
            except httpx.HTTPError:
                self.broken += 1
                await asyncio.sleep(0.05)

    async def _read(self, port: int) -> None:
        raise NotImplementedError

    def _client(self, port: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/v1",
            headers=self.stage.caller.headers,
            limits=CONNECTIONS,
            timeout=30,
        )

    def _saw(self, event: dict[str, Any]) -> None:
        self.seen.append((event["id"], event["object_id"], event["object_version"]))

    @property
    def _after(self) -> dict[str, str]:
        return {"after": self.seen[-1][0]} if self.seen else {}


class Feed(Reader):
    async def _read(self, port: int) -> None:
        async with self._client(port) as client:
            answer = await client.get("/events", params={"limit": "50", **self._after})
            for event in answer.raise_for_status().json()["data"]:
                self._saw(event)


class Stream(Reader):
    """Begins behind the first event, which it is given."""

    async def _read(self, port: int) -> None:
        async with (
            self._client(port) as client,
            client.stream("GET", "/events/stream", params=self._after) as answer,
        ):
            rest = ""
            async for text in answer.raise_for_status().aiter_text():
                *frames, rest = (rest + text).split("\n\n")
                for line in (line for frame in frames for line in frame.split("\n")):
                    if line.startswith("data: "):
                        self._saw(json.loads(line.removeprefix("data: ")))


async def run(world: World) -> Part:
    part, stage = Part("followers"), await world.stage("followers")
    stage.caller.headers[DAWDLE] = LONGEST
    kills = world.plan.times(KILLS, 2)
    feed, stream = Feed(stage), Stream(stage)
    async with stage.caller.at(world.servers):
        await stage.some_records()
        worker = begin(work, world.database.app_url(), False)
        reading = [asyncio.create_task(feed.follow())]
        await until(lambda: bool(feed.seen), "nothing is numbered")
        stream.seen = feed.seen[:1]
        reading.append(asyncio.create_task(stream.follow()))
        async with load(stage.caller, stage.requests, WRITERS, 0):
            for kill in range(kills):
                await stage.written(world.plan.times(WRITES, 300) * (kill + 1) // kills)
                worker.kill()
                await world.servers[kill % 2].again()
                worker = begin(work, world.database.app_url(), False)
        told = await _all(stage, feed, stream)
        worker.kill()
        await ended(worker)
        for task in reading:
            task.cancel()
    _judge(part, told, feed, stream)
    part.found.join(await stage.verdict())
    part.did("kill -9 of a server, and of the worker", kills)
    part.did("events of ten writers, each read by both", len(told))
    part.did("reads that broke off", feed.broken + stream.broken)
    return part


async def _all(stage: Stage, *readers: Reader) -> list[Told]:
    """The journal, once it is numbered and the readers have had time to read it."""
    owner = await stage.world.database.connect()
    while await owner.fetchval(WAITING, stage.tenant):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    rows = await owner.fetch(JOURNAL, stage.tenant)
    await owner.close()
    with suppress(TimeoutError):
        await until(lambda: all(len(r.seen) >= len(rows) for r in readers), "readers are behind")
    await asyncio.sleep(QUIET)
    return [(row["id"], row["object_id"].replace("-", ""), row["version"]) for row in rows]


def _judge(part: Part, told: list[Told], *readers: Reader) -> None:
    for reader in readers:
        part.found.join(compare(type(reader).__name__, told, reader.seen))
    first, second, *others = told
    wrong = {"lost": told[1:], "doubled": [*told, first], "gaps": [second, first, *others]}
    for damage, seen in wrong.items():
        if not compare("a reader that is wrong", told, seen).all.get(damage):  # type: ignore[call-overload]
            part.found.add("lost", f"nobody noticed what a reader has seen {damage}")


def compare(name: str, told: Sequence[Told], seen: Sequence[Told]) -> Findings:
    """Each once, and all in the order of their numbers."""
    found, ids = Findings(), [event[0] for event in seen]
    known = [event[0] for event in told]
    found.add_all("lost", (f"{name}: {id}" for id in set(known) - set(ids)))
    found.add_all("uncalled-for", (f"{name}: {id}" for id in set(ids) - set(known)))
    if len(set(ids)) < len(ids):
        found.add("doubled", f"{name}: {len(ids) - len(set(ids))} events")
    once = list(dict.fromkeys(ids))
    if once != [id for id in known if id in set(ids)]:
        found.add("gaps", f"{name}: events in another order")
    return found
