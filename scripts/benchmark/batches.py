"""A hundred customers by their external ids, beside COPY into a temporary table and one INSERT.

The floor writes the same customers and their look-up rows as the table's owner, past row level
security, without events, locks, rules or answers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from crm_api.kit.ids import uuid7

from .world import World

SIZE, ROUNDS = 100, 15
PREPARE = """
CREATE TEMP TABLE arriving (external_id text, id uuid, name text, email text, title text);
CREATE TABLE IF NOT EXISTS bare_links (tenant_id uuid, external_id text, id uuid,
  PRIMARY KEY (tenant_id, external_id));
CREATE TABLE IF NOT EXISTS bare_people (tenant_id uuid, id uuid, name text, email text, title text,
  version int DEFAULT 1, updated_at timestamptz DEFAULT now(), PRIMARY KEY (tenant_id, id))"""
ARRIVE = """
WITH linked AS (
  INSERT INTO bare_links SELECT $1, external_id, id FROM arriving
  ON CONFLICT (tenant_id, external_id) DO UPDATE SET id = bare_links.id RETURNING external_id, id)
INSERT INTO bare_people (tenant_id, id, name, email, title)
SELECT $1, linked.id, name, email, title FROM arriving JOIN linked USING (external_id)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, email = excluded.email,
  title = excluded.title, version = bare_people.version + 1, updated_at = now()"""
Sends = Callable[[list[str], str], Awaitable[None]]


async def compare(port: int, world: World, owner_url: str) -> list[tuple[str, float, float]]:
    """(what, milliseconds of the API, milliseconds of the floor) for new, changed, unchanged."""
    headers = {"Authorization": f"Bearer {world.key}"}
    floor = await asyncpg.connect(owner_url)
    await floor.execute(PREPARE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as api:
        ours, theirs = _api(api), _floor(floor, world)
        taken = [(await _three(ours), await _three(theirs)) for _ in range(ROUNDS)]
    await floor.close()
    return [
        (what, *(median(pair[side][n] for pair in taken) for side in (0, 1)))
        for n, what in enumerate(("new", "changed", "unchanged"))
    ]


async def _three(send: Sends) -> list[float]:
    values = [uuid4().hex for _ in range(SIZE)]
    return [await _timed(send(values, title)) for title in ("one", "two", "two")]


async def _timed(work: Awaitable[None]) -> float:
    begun = time.perf_counter()
    await work
    return (time.perf_counter() - begun) * 1000


def _api(api: httpx.AsyncClient) -> Sends:
    async def send(values: list[str], title: str) -> None:
        items = [{"external_id": v, "data": _person(v, title)} for v in values]
        body = {"system": "erp", "items": items}
        (await api.post("/v1/customers/batch-upsert", json=body)).raise_for_status()

    return send


def _person(value: str, title: str) -> dict[str, Any]:
    point = {"kind": "email", "value": f"{value}@example.com"}
    return {"kind": "person", "name": "王小芳", "title": title, "contact_points": [point]}


def _floor(database: "asyncpg.Connection[Any]", world: World) -> Sends:
    async def send(values: list[str], title: str) -> None:
        rows = [(v, uuid7(), "王小芳", f"{v}@example.com", title) for v in values]
        async with database.transaction():
            await database.execute("TRUNCATE arriving")
            await database.copy_records_to_table("arriving", records=rows)
            await database.execute(ARRIVE, world.tenant.id)

    return send


def table(measured: list[tuple[str, float, float]]) -> str:
    lines = ["| 100 customers | API ms | COPY + INSERT ms | ratio |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {ours:.1f} | {floor:.1f} | {ours / floor:.2f} |"
        for what, ours, floor in measured
    ]
    return "\n".join(lines)


def run(port: int, world: World, owner_url: str) -> str:
    return table(asyncio.run(compare(port, world, owner_url)))
