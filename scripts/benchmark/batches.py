"""A hundred customers by their external ids, beside COPY into a temporary table and one INSERT.

The floor writes the same rows (customers, what finds them, events and their data) as the owner of
the tables, past row level security, without locks, rules, comparison or answers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from crm_api.kit.ids import uuid7
from crm_api.kit.search import found_by

from .people import PREFERENCES
from .serving import serving
from .world import World

SIZE, ROUNDS, PORT = 100, 15, 8457
PREPARE = (
    "CREATE TEMP TABLE arriving (external_id text, id uuid, name text, email text, title text, "
    "search_text text, search_pieces int[])"
)
ARRIVE = """
WITH people AS (
  INSERT INTO customers (tenant_id, id, kind, name, sort_name, title, acquired_at, preferences,
    contact_points, external_ids, search_text, search_pieces, created_at, updated_at)
  SELECT $1, id, 'person', name, 'wang xiao fang', title, now(), $2,
    jsonb_build_array(jsonb_build_object('kind', 'email', 'value', email, 'label', NULL,
      'is_primary', true)),
    jsonb_build_object('erp', external_id), search_text, search_pieces, now(), now()
  FROM arriving
  ON CONFLICT (tenant_id, id) DO UPDATE SET title = excluded.title,
    version = customers.version + 1, updated_at = excluded.updated_at RETURNING *
), ids AS (
  INSERT INTO external_ids SELECT $1, 'customer', 'erp', external_id, id FROM arriving
  ON CONFLICT DO NOTHING
), keys AS (
  INSERT INTO customer_keys SELECT $1, 'email', email, id FROM arriving ON CONFLICT DO NOTHING
), journal AS (
  INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, request_id, created_at)
  SELECT $1, gen_random_uuid(), 'customer.updated', id, version, id, 'req', now() FROM people
)
INSERT INTO event_values (tenant_id, event_id, data)
SELECT $1, gen_random_uuid(), row_to_json(people)::text FROM people"""
Sends = Callable[[list[str], str], Awaitable[None]]


async def compare(port: int, world: World) -> list[tuple[str, float, float]]:
    """(what, milliseconds of the API, milliseconds of the floor) for new, changed, unchanged."""
    headers = {"Authorization": f"Bearer {world.key}"}
    floor = await asyncpg.connect(world.owner_url)
    await floor.execute(PREPARE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as api:
        ours, theirs = _api(api), _floor(floor, world)
        taken = [(await _three(ours), await _three(theirs)) for _ in range(ROUNDS)]
    await floor.close()
    return [
        (what, median(ours[n] for ours, _ in taken), median(theirs[n] for _, theirs in taken))
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
    ids: dict[str, UUID] = {}

    async def send(values: list[str], title: str) -> None:
        rows = [_row(world, ids.setdefault(value, uuid7()), value, title) for value in values]
        async with database.transaction():
            await database.execute("TRUNCATE arriving")
            await database.copy_records_to_table("arriving", records=rows)
            await database.execute(ARRIVE, world.tenant.id, PREFERENCES)

    return send


def _row(world: World, id: UUID, value: str, title: str) -> tuple[Any, ...]:
    email = f"{value}@example.com"
    found = found_by(world.tenant.id, "王小芳", "wang xiao fang", email, value)
    return (value, id, "王小芳", email, title, found["search_text"], found["search_pieces"])


def table(measured: list[tuple[str, float, float]]) -> str:
    lines = ["| 100 customers | API ms | COPY + INSERT ms | ratio |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {ours:.1f} | {floor:.1f} | {ours / floor:.2f} |"
        for what, ours, floor in measured
    ]
    return "\n".join(lines)


def run(world: World) -> str:
    with serving(PORT, "product:whole --factory", world) as served:
        return table(asyncio.run(compare(served.port, world)))
