"""A file is imported while its worker is killed again and again; every line has one outcome."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx

from .findings import Findings
from .parts import Part
from .processes import begin, ended
from .product import work
from .world import Stage, World

LINES, KILLS, GOOD_OF_BAD = 100_000, 20, 1000
PROMISED_RETURN, PROMISED_MEMORY, PATIENCE, LOOK = 10.0, 300, 1800.0, 0.05
ASKED = {"resource": "customers", "system": "erp"}
TABLE = {"content-type": "text/csv"}
MADE = """
SELECT count(*), count(DISTINCT object_id) FROM events
WHERE tenant_id = $1 AND type = 'customer.created'"""
Json = dict[str, Any]


class Import:
    """One file on its way: its job, as one server tells it, and the worker that does it."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.client, self.url = client, url
        self.job: Json = {}
        self.megabytes, self.longest = 0, 0.0
        self.worker: BaseProcess = begin(work, url, False)

    async def start(self, file: bytes) -> None:
        answer = await self.client.post("/v1/imports", params=ASKED, headers=TABLE, content=file)
        self.job = answer.raise_for_status().json()

    async def reach(self, lines: int) -> None:
        """Until so many lines are done, or the job has ended."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if self.job["finished_at"] or await self._lines() >= lines:
                    return
                await asyncio.sleep(LOOK)

    async def kill(self) -> None:
        self.megabytes = max(self.megabytes, _most(self.worker))
        self.worker.kill()
        await ended(self.worker)

    async def die(self) -> None:
        """Another worker takes its place."""
        await self.kill()
        died, done = time.monotonic(), await self._lines()
        self.worker = begin(work, self.url, False)
        await self.reach(done + 1)
        self.longest = max(self.longest, time.monotonic() - died)

    async def report(self) -> list[Json]:
        answer = await self.client.get(self.job["result_url"] or "/")
        return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]

    async def _lines(self) -> int:
        answer = await self.client.get(f"/v1/jobs/{self.job['id']}")
        self.job = answer.raise_for_status().json()
        return int(self.job["figures"].get("lines", 0))


def _most(process: BaseProcess) -> int:
    """Megabytes that it has had at most, as Linux counts them."""
    said = Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")
    return int(said[1].split()[0]) // 1024


async def run(world: World) -> Part:
    part, stage = Part("imports"), await world.stage("imports")
    lines, kills = world.plan.times(LINES, 500), world.plan.times(KILLS, 2)
    bad = len(range(0, lines, GOOD_OF_BAD))
    async with stage.caller.at(world.servers) as caller:
        client = caller.clients[world.servers[0].port]
        one, begun = Import(client, world.database.app_url()), time.monotonic()
        await one.start(_table(lines))
        for kill in range(1, kills + 1):
            await one.reach(kill * lines // (kills + 1))
            await one.die()
        await one.reach(lines + 1)
        seconds, report = time.monotonic() - begun, await one.report()
        _judge(part, one.job, report, {"created": lines - bad, "failed": bad})
        await one.start(_table(lines))
        await one.reach(lines + 1)
        same = {"unchanged": lines - bad, "failed": bad}
        part.found.join(compare(one.job, await one.report(), same))
        await one.kill()
    await _look(stage, part, lines - bad)
    _promised(part, one)
    part.did("lines of a file, each with one outcome; the same file again changes none", lines)
    part.did("kill -9 of its worker", kills)
    part.did("seconds for the first time, deaths included", f"{seconds:.0f}")
    part.did("longest way from a death to the next line, s", f"{one.longest:.1f}")
    part.did("memory of a worker at most, MB", one.megabytes)
    return part


def _table(lines: int) -> bytes:
    """Some of them are not what a customer is."""
    cells = (
        f"{n},{'person' if n % GOOD_OF_BAD else 'robot'},Customer {n},c{n}@example.com,a;b"
        for n in range(lines)
    )
    return "\n".join(["external_id,kind,name,email,tags", *cells]).encode()


def compare(job: Json, report: Sequence[Json], wanted: dict[str, int]) -> Findings:
    """Every line once, in its place, and figures that are what the report says."""
    found, lines = Findings(), sum(wanted.values())
    told = Counter(line["line"] for line in report)
    found.add_all("lost", (f"line {n}" for n in range(2, lines + 2) if not told[n]))
    found.add_all("doubled", (f"line {n}" for n, times in told.items() if times > 1))
    if [line["line"] for line in report] != sorted(told):
        found.add("gaps", "lines in another order")
    counted = Counter(line["outcome"] for line in report)
    if job["state"] != "succeeded" or job["figures"] != {**counted, "lines": lines}:
        found.add("different", f"{job['state']} {job['figures']}, and the report says {counted}")
    if counted != wanted:
        found.add("different", f"{counted}, and not {wanted}")
    return found


def _judge(part: Part, job: Json, report: list[Json], wanted: dict[str, int]) -> None:
    part.found.join(compare(job, report, wanted))
    wrong = {"lost": report[1:], "doubled": [*report, report[0]], "gaps": report[::-1]}
    for damage, seen in wrong.items():
        if not compare(job, seen, wanted).all.get(damage):  # type: ignore[call-overload]
            part.found.add("lost", f"nobody noticed a report with lines {damage}")


async def _look(stage: Stage, part: Part, created: int) -> None:
    owner = await stage.world.database.connect()
    events, records = await owner.fetchrow(MADE, stage.tenant) or (0, 0)
    await owner.close()
    if (events, records) != (created, created):
        part.found.add("doubled", f"{events} events of {records} customers, and not {created}")


def _promised(part: Part, one: Import) -> None:
    if one.longest > PROMISED_RETURN:
        part.found.add("late", f"a worker went on after {one.longest:.1f} s")
    if one.megabytes > PROMISED_MEMORY:
        part.found.add("late", f"a worker took {one.megabytes} MB")
