"""Webhooks: events that one worker delivers in a second, and how soon, beside those that hang."""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from .serving import serving, working
from .world import World, new_tenants

PORT, RECEIVER = 8461, 8462
ALLOWED = {"CRM_EGRESS_ALLOW": f"127.0.0.1:{RECEIVER}"}
EVENTS, FEW, MANY = 3000, 1, 10
HANGING, WRITES, PAUSE, WARM = 49, 200, 0.05, 40
SECONDS = 120.0


def run(world: World) -> str:
    """Two paces, and two latencies."""
    with _receiver():
        paces = [(count, _pace(world, count)) for count in (FEW, MANY)]
        alone, beside = _latencies(world, 0), _latencies(world, HANGING)
    return table(paces, alone, beside)


def _pace(world: World, endpoints: int) -> float:
    """Deliveries a second of what waits when the worker begins."""
    with serving(PORT, "product:whole --factory", world, ALLOWED):
        known = len(_came())
        asyncio.run(_filled(world, endpoints))
    wanted = EVENTS // endpoints * endpoints
    with working(world, ALLOWED):
        times = _until(known, EVENTS // endpoints, wanted)
    return (len(times) - 1) / (times[-1] - times[0])


async def _filled(world: World, endpoints: int) -> None:
    async with await _client(world, f"Pace {endpoints}") as client:
        for number in range(endpoints):
            await _subscribed(client, f"take/{number}")
        for batch in range(EVENTS // endpoints // 100):
            items = [{"external_id": f"{batch}-{n}", "data": _person(n)} for n in range(100)]
            body = {"system": "erp", "items": items}
            (await client.post("/customers/batch-upsert", json=body)).raise_for_status()


def _latencies(world: World, hanging: int) -> list[float]:
    """Seconds from the answer to a write until its event has come, in their order."""
    with serving(PORT, "product:whole --factory", world, ALLOWED), working(world, ALLOWED):
        sent = asyncio.run(_written(world, hanging))
        deadline = time.time() + SECONDS
        while not sent.keys() <= (came := _came()).keys() and time.time() < deadline:
            time.sleep(0.1)
    return sorted(came[id][0] - at for id, at in sent.items())


async def _written(world: World, hanging: int) -> dict[str, float]:
    """Some events first, so that those that hang do; they are not measured."""
    sent: dict[str, float] = {}
    async with await _client(world, f"Beside {hanging}") as client:
        for _ in range(hanging):
            await _subscribed(client, "hang")
        await _subscribed(client, "take")
        for number in range(WARM + WRITES):
            made = (await client.post("/customers", json=_person(number))).raise_for_status()
            if number >= WARM:
                sent[made.json()["id"]] = time.time()
            await asyncio.sleep(PAUSE)
    return sent


async def _client(world: World, name: str) -> httpx.AsyncClient:
    ((_, key),) = await new_tenants(world.settings, [name])
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}/v1", headers=headers, timeout=30)


async def _subscribed(client: httpx.AsyncClient, path: str) -> None:
    place = {"url": f"http://127.0.0.1:{RECEIVER}/{path}", "event_types": ["customer.*"]}
    (await client.post("/webhook-endpoints", json=place)).raise_for_status()


def _person(number: int) -> dict[str, Any]:
    point = {"kind": "email", "value": f"{number}@example.com"}
    return {"kind": "person", "name": "王小芳", "contact_points": [point]}


@contextmanager
def _receiver() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "scripts.benchmark.receiver", str(RECEIVER)])
    for _ in range(100):
        with suppress(OSError):
            _came()
            break
        time.sleep(0.05)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _came() -> dict[str, list[float]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{RECEIVER}/") as answer:
        came: dict[str, list[float]] = json.load(answer)["came"]
    return came


def _until(known: int, records: int, deliveries: int) -> list[float]:
    """When each delivery came, once all have, of the records that were not known before."""
    deadline = time.time() + SECONDS
    while True:
        new = list(_came().values())[known:]
        times = sorted(at for each in new for at in each)
        if (len(new) >= records and len(times) >= deliveries) or time.time() > deadline:
            return times
        time.sleep(0.5)


def table(paces: list[tuple[int, float]], alone: list[float], beside: list[float]) -> str:
    lines = ["| one worker | |", "|---|---|"]
    lines += [f"| deliveries a second, endpoints: {n} | {pace:,.0f} |" for n, pace in paces]
    for name, took in (("alone", alone), (f"beside {HANGING} that hang", beside)):
        said = f"{_at(took, 0.5) * 1000:,.0f} / {_at(took, 0.95) * 1000:,.0f}"
        lines.append(f"| commit to delivery, {name}, p50 / p95 ms | {said} |")
    return "\n".join(lines)


def _at(times: list[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)]
