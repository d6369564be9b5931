"""All records of one moment, and the events after it: together they are what is there now."""

import asyncio
import json
from random import Random
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.api import jobs
from crm_api.kit import walking
from crm_api.kit.context import House
from crm_api.kit.crew import go_on
from crm_api.kit.metrics import Metrics
from crm_api.platform.jobs.crew import crew
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.worker import Numbering
from tests.conftest import NewClient, Unchanged

from .conftest import Done
from .test_customers import create, refused

ALL = {"resource": "customers"}
WRITERS, SNAPSHOTS = 4, 6
AFTER = """
SELECT e.object_id, e.version, v.data FROM events e JOIN event_values v ON v.event_id = e.id
WHERE e.tenant_id = $1 AND e.type LIKE 'customer.%' AND e.sequence > $2 ORDER BY e.sequence"""
OLDER = """
SELECT e.object_id, e.version FROM events e
WHERE e.tenant_id = $1 AND e.type LIKE 'customer.%' AND e.sequence <= $2"""
Records = dict[str, dict[str, Any]]


def records(content: bytes) -> Records:
    return {one["id"]: one for one in map(json.loads, content.splitlines())}


async def result(client: AsyncClient, job: dict[str, Any]) -> bytes:
    assert job["state"] == "succeeded", job
    return (await client.get(job["result_url"].removeprefix("/v1"))).content


async def test_a_snapshot_has_live_and_archived_records_and_says_where_events_go_on(
    client: AsyncClient, done: Done, house: House, admin: "Admin[Any]"
) -> None:
    made = [await create(client) for _ in range(3)]
    await client.post(f"/customers/{made[1]['id']}/archive")
    job = await done(client, await client.post("/snapshots", json=ALL))
    found = records(await result(client, job))
    assert list(found) == [one["id"] for one in made]
    assert [one["state"] for one in found.values()] == ["live", "archived", "live"]
    assert (job["kind"], job["figures"]) == ("customers.snapshot", {"records": 3})
    event = UUID(job["cursor"].removeprefix("evt_"))
    row = await admin.fetchrow("SELECT type, sequence FROM events WHERE id = $1", event)
    assert row is not None
    assert row["type"] == "job.created"
    assert row["sequence"] is not None


async def test_the_feed_goes_on_from_the_cursor(
    client: AsyncClient, done: Done, house: House
) -> None:
    await create(client)
    job = await done(client, await client.post("/snapshots", json=ALL))
    later = await create(client, name="Later")
    while await Sequencer(house.pool).number_all():
        pass
    asked = {"after": job["cursor"], "type": "customer.*"}
    told = (await client.get("/events", params=asked)).json()["data"]
    assert [(one["object_id"], one["object_version"]) for one in told] == [(later["id"], 1)]
    assert later["id"] not in records(await result(client, job))


async def test_nothing_is_missing_and_nothing_comes_twice_while_others_write(
    caller: NewClient, house: House, admin: "Admin[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers go on, the sequencer numbers, and one snapshot after another is taken."""
    monkeypatch.setattr(walking.Walker.stretch, "__defaults__", ({}, walking.BEGINNING, 40))
    client, stop = await caller(), asyncio.Event()
    tenant = (await client.get("/me")).json()["tenant"]["id"]
    ids = [(await create(client))["id"] for _ in range(30)]
    working = asyncio.create_task(
        go_on([crew(house, jobs), Numbering(Sequencer(house.pool), Metrics())], stop)
    )
    writers = [asyncio.create_task(_write(client, ids, stop, n)) for n in range(WRITERS)]
    try:
        taken = [await _taken(client) for _ in range(SNAPSHOTS)]
    finally:
        stop.set()
        written = sum(await asyncio.gather(*writers))
        await working
    assert written > 50
    while await Sequencer(house.pool).number_all():
        pass
    for job in taken:
        await _prove(client, admin, UUID(tenant.removeprefix("ten_")), job)


async def _write(client: AsyncClient, ids: list[str], stop: asyncio.Event, seed: int) -> int:
    random, written = Random(seed), 0
    while not stop.is_set():
        await asyncio.sleep(random.uniform(0, 0.01))
        if random.random() < 0.2:
            ids.append((await create(client, name=f"New {seed} {written}"))["id"])
        else:
            path = f"/customers/{random.choice(ids)}"
            tags = [f"t{random.randrange(1000)}"]
            answer = await client.post(f"{path}/add-tags", json={"tags": tags})
            assert answer.status_code in (200, 422)
        written += 1
    return written


async def _taken(client: AsyncClient) -> dict[str, Any]:
    accepted = await client.post("/snapshots", json=ALL)
    async with asyncio.timeout(30):
        while True:
            job = (await client.get(accepted.headers["location"].removeprefix("/v1"))).json()
            if job["state"] not in ("queued", "running"):
                return dict(job)
            await asyncio.sleep(0.02)


async def _prove(
    client: AsyncClient, admin: "Admin[Any]", tenant: UUID, job: dict[str, Any]
) -> None:
    found = records(await result(client, job))
    cursor = UUID(job["cursor"].removeprefix("evt_"))
    number = await admin.fetchval("SELECT sequence FROM events WHERE id = $1", cursor)
    for event in await admin.fetch(OLDER, tenant, number):
        assert found[f"cus_{event['object_id'].hex}"]["version"] >= event["version"]
    for event in await admin.fetch(AFTER, tenant, number):
        id = f"cus_{event['object_id'].hex}"
        assert event["version"] == (found[id]["version"] + 1 if id in found else 1)
        found[id] = json.loads(event["data"])
    now = await admin.fetchval("SELECT count(*) FROM customers WHERE tenant_id = $1", tenant)
    assert len(found) == now
    for id in list(found)[::10]:
        assert (await client.get(f"/customers/{id}")).json() == found[id]


async def test_a_snapshot_that_lost_its_worker_begins_anew(
    client: AsyncClient, house: House, admin: "Admin[Any]", done: Done
) -> None:
    """What an attempt before has written is not in the file."""
    await create(client)
    accepted = await client.post("/snapshots", json=ALL)
    id = UUID(accepted.json()["id"][4:])
    await admin.execute(
        "UPDATE jobs SET state = 'running', result_parts = 2, result_bytes = 8, "
        """figures = '{"records": 7}', attempts = 1 WHERE id = $1""",
        id,
    )
    await admin.execute(
        "INSERT INTO job_parts SELECT tenant_id, id, 'result', n, 'old\n' "
        "FROM jobs, generate_series(0, 1) n WHERE id = $1",
        id,
    )
    job = await done(client, accepted)
    assert (job["figures"], job["attempts"]) == ({"records": 1}, 2)
    assert len(records(await result(client, job))) == 1


async def test_who_may_not_export_takes_no_snapshot(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    needed = {"exports:read", "customers:read", "customers:export"}
    for missing in needed:
        client = await caller(*needed - {missing}, "jobs:read")
        async with nothing_changes():
            problem = refused(await client.post("/snapshots", json=ALL), 403, "forbidden")
        assert problem["missing_scope"] == [missing]
    assert (await (await caller(*needed)).post("/snapshots", json=ALL)).status_code == 202
