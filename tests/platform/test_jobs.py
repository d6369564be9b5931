"""Work that goes on after its request, as a caller meets it: a real worker does it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.errors import Unavailable
from crm_api.kit.words import say
from crm_api.main import openapi
from crm_api.platform.access.standing import Asker, as_he_stands
from crm_api.platform.identity_providers.claims import subject_id
from crm_api.platform.identity_providers.registry import IssuerRegistry
from crm_api.platform.jobs import crew as crews
from crm_api.platform.jobs.crew import crew
from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import LARGEST, Run
from crm_api.platform.jobs.service import JobService
from crm_api.platform.upkeep.forgetting import Forgetting
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.contract.test_bytes import fits
from tests.features.test_customers import refused

NDJSON = ("application/x-ndjson", "numbers.ndjson")
work = Jobs()


@work.on("test.count")
async def count(run: Run) -> None:
    """Counts to what was asked, in steps; each step also makes a customer's tag."""
    while run.checkpoint.get("at", 0) < run.asked["to"]:
        async with run.step():
            at = run.checkpoint.get("at", 0) + 1
            run.write(b"%d\n" % at)
            run.checkpoint = {"at": at}
            run.figures["numbers"] += 1
            run.percent = 100 * at // run.asked["to"]
        await asyncio.sleep(run.asked.get("pause", 0))


@work.on("test.large")
async def large(run: Run) -> None:
    async with run.step():
        run.write(b"x" * (2 * LARGEST), b"y" * 10)


@work.on("test.poison")
async def poison(run: Run) -> None:
    async with run.step():
        raise ZeroDivisionError


@work.on("test.busy")
async def busy(run: Run) -> None:
    if run.job.attempts < 3:
        raise Unavailable(say("The server is busy: repeat the request in a moment."))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "PAUSES", (0, 0, 0, 0))


@pytest.fixture
def crew_(house: House) -> Crew:
    return crew(house, work)


async def started(house: House, client: AsyncClient, kind: str, **said: Any) -> str:
    """As an operation of a feature does it; the id of the job."""
    actor = await house.doorkeeper.actor([client.headers["authorization"]])
    ctx = Context.open(house, actor, "req_test")
    needs = said.pop("needs", [])
    made = await JobService(ctx).start(
        kind, said, needs, NDJSON, partial=said.pop("partial", False)
    )
    await ctx.finish()
    return made.name()


async def finished(crew: Crew) -> None:
    """What is due, and what is due again after it."""
    while await crew.turn() or await crew.turn():
        pass


async def job(client: AsyncClient, id: str) -> dict[str, Any]:
    answer = await client.get(f"/jobs/{id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def counted(client: AsyncClient, id: str, numbers: int) -> None:
    """Until the job has come so far."""
    async with asyncio.timeout(10):
        while True:
            if (await job(client, id))["figures"].get("numbers", 0) >= numbers:
                return
            await asyncio.sleep(0.01)


async def test_a_job_fits_the_contract_from_its_beginning_to_its_end(
    house: House, client: AsyncClient, crew_: Crew, app: FastAPI
) -> None:
    id = await started(house, client, "test.count", to=1)
    bad = await started(house, client, "test.poison")
    for state, failed in (("queued", "queued"), ("succeeded", "failed")):
        for name, wanted in ((id, state), (bad, failed)):
            answer = await client.get(f"/jobs/{name}")
            assert answer.json()["state"] == wanted
            fits(openapi(app), "/v1/jobs/{id}", answer)
        await finished(crew_)
    fits(openapi(app), "/v1/jobs", await client.get("/jobs"))


async def test_a_job_is_watched_until_it_has_ended_and_its_result_is_read(
    house: House, client: AsyncClient, crew_: Crew
) -> None:
    id = await started(house, client, "test.count", to=3)
    waiting = await client.get(f"/jobs/{id}")
    assert (waiting.json()["state"], waiting.headers["retry-after"]) == ("queued", "2")
    refused(await client.get(f"/jobs/{id}/result"), 409, "conflict")
    await finished(crew_)
    after = await client.get(f"/jobs/{id}")
    told = after.json()
    assert "retry-after" not in after.headers
    assert (told["state"], told["progress_percent"], told["attempts"]) == ("succeeded", 100, 1)
    assert (told["figures"], told["problem"]) == ({"numbers": 3}, None)
    assert told["result_url"] == f"/v1/jobs/{id}/result"
    whole = {"accept-encoding": "identity"}
    result = await client.get(told["result_url"].removeprefix("/v1"), headers=whole)
    assert (result.status_code, result.text) == (200, "1\n2\n3\n")
    assert result.headers["content-type"] == "application/x-ndjson"
    assert result.headers["content-disposition"] == "attachment; filename*=UTF-8''numbers.ndjson"
    assert result.headers["x-content-type-options"] == "nosniff"
    assert int(result.headers["content-length"]) == told["result_bytes"] == 6


async def test_the_tag_of_a_job_changes_with_its_progress(
    house: House, client: AsyncClient, crew_: Crew
) -> None:
    id = await started(house, client, "test.count", to=200, pause=0.01)
    before = await client.get(f"/jobs/{id}")
    known = {"if-none-match": before.headers["etag"]}
    assert (await client.get(f"/jobs/{id}", headers=known)).status_code == 304
    await crew_.turn()
    await counted(client, id, 2)
    assert (await client.get(f"/jobs/{id}", headers=known)).status_code == 200
    await client.post(f"/jobs/{id}/cancel")
    await finished(crew_)


async def test_jobs_are_listed_by_state_and_kind(
    house: House, client: AsyncClient, crew_: Crew
) -> None:
    done = await started(house, client, "test.count", to=1)
    await finished(crew_)
    waiting = await started(house, client, "test.large")
    listed = [
        [one["id"] for one in (await client.get("/jobs", params=asked)).json()["data"]]
        for asked in ({}, {"state": "succeeded"}, {"kind": "test.large"}, {"state": "failed"})
    ]
    assert listed == [[waiting, done], [done], [waiting], []]


async def test_what_is_rolled_back_or_rehearsed_is_never_done(
    house: House, client: AsyncClient, crew_: Crew, nothing_changes: Unchanged
) -> None:
    actor = await house.doorkeeper.actor([client.headers["authorization"]])
    await finished(crew_)
    async with nothing_changes():
        ctx = Context.open(house, actor, "req_test")
        await JobService(ctx).start("test.count", {"to": 1})
        await ctx.work.rehearse()
        await finished(crew_)


async def test_a_job_that_is_cancelled_does_no_more(
    house: House, client: AsyncClient, crew_: Crew
) -> None:
    id = await started(house, client, "test.count", to=10_000, pause=0.01, partial=True)
    await crew_.turn()
    await counted(client, id, 2)
    cancelled = await client.post(f"/jobs/{id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    await finished(crew_)
    told = await job(client, id)
    assert told == {**cancelled.json()}
    lines = (await client.get(f"/jobs/{id}/result")).text.splitlines()
    assert lines == [str(n) for n in range(1, told["figures"]["numbers"] + 1)]
    refused(await client.post(f"/jobs/{id}/cancel"), 409, "invalid-transition")


async def test_a_whole_result_is_not_read_of_a_job_that_was_cancelled(
    house: House, client: AsyncClient
) -> None:
    id = await started(house, client, "test.count", to=3)
    await client.post(f"/jobs/{id}/cancel")
    refused(await client.get(f"/jobs/{id}/result"), 409, "conflict")


async def test_a_job_that_fails_each_time_is_given_up_and_seen(
    house: House, client: AsyncClient, crew_: Crew
) -> None:
    id = await started(house, client, "test.poison")
    await finished(crew_)
    told = await job(client, id)
    assert (told["state"], told["attempts"]) == ("failed", 5)
    assert told["problem"]["code"] == "job-failed"
    assert told["problem"]["instance"] == f"/v1/jobs/{id}"
    assert "ZeroDivision" not in str(told)
    refused(await client.get(f"/jobs/{id}/result"), 409, "conflict")


async def test_a_job_that_kills_its_workers_is_given_up_too(
    house: House, client: AsyncClient, admin: "Admin[Any]"
) -> None:
    id = await started(house, client, "test.count", to=1)
    await admin.execute("UPDATE timers SET attempts = 5 WHERE id = $1", UUID(id[4:]))
    await finished(crew(house, work))
    told = await job(client, id)
    assert (told["state"], told["problem"]["code"]) == ("failed", "job-failed")


async def test_what_is_busy_is_tried_again(house: House, client: AsyncClient, crew_: Crew) -> None:
    id = await started(house, client, "test.busy")
    await finished(crew_)
    told = await job(client, id)
    assert (told["state"], told["attempts"]) == ("succeeded", 3)


async def test_the_events_of_a_job_tell_of_its_beginning_and_its_end(
    house: House, client: AsyncClient, crew_: Crew, admin: "Admin[Any]"
) -> None:
    good = await started(house, client, "test.count", to=2)
    bad = await started(house, client, "test.poison")
    away = await started(house, client, "test.large")
    await client.post(f"/jobs/{away}/cancel")
    await finished(crew_)
    found = [
        [
            row["type"]
            for row in await admin.fetch(
                "SELECT type FROM events WHERE object_id = $1 ORDER BY version", UUID(id[4:])
            )
        ]
        for id in (good, bad, away)
    ]
    assert found == [
        ["job.created", "job.completed"],
        ["job.created", "job.failed"],
        ["job.created", "job.cancelled"],
    ]


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


async def _revoke(owner: AsyncClient, worker: AsyncClient) -> None:
    key = (await worker.get("/me")).json()["api_key_id"]
    assert (await owner.delete(f"/api-keys/{key}")).status_code == 204


async def _pass_time(owner: AsyncClient, worker: AsyncClient) -> None:
    answer = await owner.post("/sandbox/clock/advance", json={"seconds": 7200})
    assert answer.status_code == 200


@pytest.mark.parametrize("ending", [_revoke, _pass_time])
async def test_a_job_ends_with_the_key_that_asked_for_it(
    house: House,
    caller: NewClient,
    tenant: Tenant,
    crew_: Crew,
    ending: Callable[[AsyncClient, AsyncClient], Awaitable[None]],
) -> None:
    owner = await caller("*", tenant=tenant)
    soon = (house.clock.now() + timedelta(hours=1)).isoformat()
    key = {"name": "Short", "scopes": ["*"], "expires_at": soon}
    made = (await owner.post("/api-keys", json=key)).json()
    worker = await caller("*", tenant=tenant)
    worker.headers["authorization"] = f"Bearer {made['secret']}"
    id = await started(house, worker, "test.count", to=10_000, pause=0.01)
    await crew_.turn()
    await counted(owner, id, 2)
    await ending(owner, worker)
    async with asyncio.timeout(3):
        await finished(crew_)
    told = await job(owner, id)
    assert (told["state"], told["problem"]["code"]) == ("failed", "unauthorized")


async def test_a_job_ends_with_the_suspension_of_its_tenant(
    house: House, caller: NewClient, tenant: Tenant, crew_: Crew, admin: "Admin[Any]"
) -> None:
    client = await caller("*", tenant=tenant)
    id = await started(house, client, "test.count", to=10_000, pause=0.01)
    await crew_.turn()
    suspend = "UPDATE tenants SET suspended_at = $2 WHERE tenant_id = $1"
    await admin.execute(suspend, tenant.id, house.clock.now())
    async with asyncio.timeout(3):
        await finished(crew_)
    row = await admin.fetchrow("SELECT state, problem FROM jobs WHERE id = $1", UUID(id[4:]))
    assert row is not None
    assert row["state"] == "failed"
    assert "unauthorized" in row["problem"]


async def test_a_job_does_not_go_on_without_the_scopes_that_it_needs(
    house: House, caller: NewClient, tenant: Tenant, crew_: Crew
) -> None:
    owner, reader = await caller("*", tenant=tenant), await caller("jobs:read", tenant=tenant)
    id = await started(house, reader, "test.count", to=1, needs=["customers:read"])
    await finished(crew_)
    assert (await job(owner, id))["state"] == "failed"


async def test_who_came_with_a_token_counts_while_its_provider_is_trusted(
    house: House, caller: NewClient, tenant: Tenant
) -> None:
    client, names = await caller("*", tenant=tenant), ("https://8.8.8.8", "wang")
    provider = {"name": "Company", "issuer": names[0], "audience": uuid4().hex}
    trusted = await client.post("/identity-providers", json=provider)
    asker = Asker(subject_id(tenant.id, *names), frozenset({"customers:read"}), False)
    assert await as_he_stands(house, tenant.id, asker) is None
    await IssuerRegistry(house.pool).remember(tenant.id, asker.id, names, house.clock.now())
    actor = await as_he_stands(house, tenant.id, asker)
    assert actor is not None
    assert (actor.id, actor.scopes, actor.tenant.id) == (asker.id, asker.scopes, tenant.id)
    await client.delete(f"/identity-providers/{trusted.json()['id']}")
    assert await as_he_stands(house, tenant.id, asker) is None


async def test_nobody_is_given_back_more_than_he_had_or_has(
    house: House, caller: NewClient, tenant: Tenant
) -> None:
    few, all_ = frozenset({"customers:read", "jobs:read"}), frozenset({"*"})
    keys = [await caller(*scopes, tenant=tenant) for scopes in (sorted(few), ["*"])]
    ids = [UUID((await key.get("/me")).json()["api_key_id"][4:]) for key in keys]
    less = frozenset({"customers:read"})
    for id, asked, kept in (
        (ids[0], all_, few),
        (ids[0], less, less),
        (ids[0], frozenset({"customers:write"}), frozenset()),
        (ids[1], less, less),
        (ids[1], all_, all_),
    ):
        actor = await as_he_stands(house, tenant.id, Asker(id, asked, False))
        assert actor is not None
        assert actor.scopes == kept


async def test_a_result_is_read_by_those_who_may_see_what_is_in_it(
    house: House, caller: NewClient, tenant: Tenant, crew_: Crew, nothing_changes: Unchanged
) -> None:
    owner = await caller("*", tenant=tenant)
    id = await started(house, owner, "test.count", to=1, needs=["customers:read"])
    await finished(crew_)
    some, all_ = [
        await caller(*scopes, tenant=tenant)
        for scopes in (["jobs:read"], ["jobs:read", "customers:read"])
    ]
    masked = await owner.post(
        "/api-keys",
        json={"name": "M", "scopes": ["jobs:read", "customers:read"], "masked": True},
    )
    veiled = {"authorization": f"Bearer {masked.json()['secret']}"}
    stranger = await caller("*")
    async with nothing_changes():
        problem = refused(await some.get(f"/jobs/{id}/result"), 403, "forbidden")
        assert problem["missing_scope"] == ["customers:read"]
        refused(await some.get(f"/jobs/{id}/result", headers=veiled), 403, "forbidden")
        assert (await all_.get(f"/jobs/{id}/result")).text == "1\n"
        refused(await stranger.get(f"/jobs/{id}/result"), 404, "not-found")


async def test_a_long_result_comes_in_parts_and_is_gone_after_a_week(
    house: House, client: AsyncClient, crew_: Crew, admin: "Admin[Any]"
) -> None:
    id = await started(house, client, "test.large")
    await finished(crew_)
    parts = "SELECT max(length(bytes)), count(*) FROM job_parts WHERE job_id = $1"
    assert tuple(await admin.fetchrow(parts, UUID(id[4:])) or ()) == (LARGEST, 3)
    result = await client.get(f"/jobs/{id}/result")
    assert result.content == b"x" * (2 * LARGEST) + b"y" * 10
    await client.post("/sandbox/clock/advance", json={"seconds": 7 * 24 * 3600 + 1})
    refused(await client.get(f"/jobs/{id}/result"), 410, "gone")


async def test_old_results_are_removed(
    house: House, client: AsyncClient, crew_: Crew, admin: "Admin[Any]"
) -> None:
    id = await started(house, client, "test.large")
    fresh = await started(house, client, "test.large")
    await finished(crew_)
    await admin.execute(
        "UPDATE jobs SET finished_at = now() - interval '8 days' WHERE id = $1", UUID(id[4:])
    )
    while await Forgetting(house).turn():
        pass
    left = await admin.fetch(
        "SELECT DISTINCT job_id FROM job_parts WHERE tenant_id = "
        "(SELECT tenant_id FROM jobs WHERE id = $1)",
        UUID(id[4:]),
    )
    assert [row["job_id"] for row in left] == [UUID(fresh[4:])]


async def test_a_zombie_changes_nothing(
    house: House, client: AsyncClient, admin: "Admin[Any]"
) -> None:
    """Somebody else has taken up the job in the middle of a step."""
    id = await started(house, client, "test.zombie")
    taken, go_on = asyncio.Event(), asyncio.Event()
    other = Jobs()

    @other.on("test.zombie")
    async def slow(run: Run) -> None:
        async with run.step():
            run.checkpoint = {"by": run.lease.fence}
            if run.lease.fence == 1:
                taken.set()
                await go_on.wait()

    first, second = crew(house, other), crew(house, other)
    await first.turn()
    await taken.wait()
    await admin.execute("UPDATE timers SET due_at = now() WHERE id = $1", UUID(id[4:]))
    await finished(second)
    go_on.set()
    await finished(first)
    found = await admin.fetchrow("SELECT state, checkpoint FROM jobs WHERE id = $1", UUID(id[4:]))
    assert found is not None
    assert (found["state"], found["checkpoint"]) == ("succeeded", '{"by": 2}')


async def test_one_job_of_a_tenant_is_among_the_first_whatever_others_have_waiting(
    house: House, caller: NewClient
) -> None:
    crowd, single = await caller("*"), await caller("*")
    for _ in range(50):
        await started(house, crowd, "test.count", to=1, pause=0.05)
    last = await started(house, single, "test.count", to=1)
    busy = crew(house, work)
    await busy.turn()
    while (await job(single, last))["state"] != "succeeded":
        await busy.turn()
    before = await crowd.get("/jobs", params={"state": "succeeded"})
    assert len(before.json()["data"]) < 5
    await busy.leave()


async def test_long_jobs_of_others_do_not_keep_one_waiting(
    house: House, caller: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each goes on from where it was when its next turn comes."""
    monkeypatch.setattr("crm_api.platform.jobs.run.TURN", 0.1)
    few = Crew(crew(house, work).leases, crew(house, work).work, 2)
    busy, other = [await caller() for _ in range(2)], await caller()
    long = [await started(house, client, "test.count", to=60, pause=0.01) for client in busy]
    await few.turn()
    short = await started(house, other, "test.count", to=1)
    for _ in range(100):
        await few.turn()
        if (await job(other, short))["state"] == "succeeded":
            break
    states = [await job(client, id) for client, id in zip(busy, long, strict=True)]
    assert [told["state"] for told in states] == ["running", "running"]
    await finished(few)
    for client, id in zip(busy, long, strict=True):
        lines = (await client.get(f"/jobs/{id}/result")).text.splitlines()
        assert lines == [str(n) for n in range(1, 61)]


async def test_jobs_of_a_tenant_do_not_wait_without_bounds(
    house: House,
    client: AsyncClient,
    crew_: Crew,
    nothing_changes: Unchanged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("crm_api.platform.jobs.repository.MOST_OPEN", 3)
    for _ in range(3):
        await started(house, client, "test.count", to=1)
    async with nothing_changes():
        body = {"resource": "customers", "format": "csv"}
        answer = await client.post("/exports", json=body)
    refused(answer, 409, "conflict")
    assert answer.headers["retry-after"] == "10"
    await finished(crew_)
    assert (await client.post("/exports", json=body)).status_code == 202
    await finished(crew_)
