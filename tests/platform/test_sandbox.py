"""A sandbox can live through time; everybody else has the time that it is."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.platform.organization.models import TenantKind
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import create, refused

DAY = 86_400


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_new_sandbox_has_the_real_time(client: AsyncClient) -> None:
    clock = (await client.get("/sandbox/clock")).json()
    created = await create(client)
    assert clock["advanced_seconds"] == 0
    assert abs(at(created["created_at"]) - at(clock["now"])) < timedelta(seconds=5)


async def test_time_goes_on_for_all_that_is_written(client: AsyncClient) -> None:
    before = await create(client)
    advanced = await client.post("/sandbox/clock/advance", json={"seconds": 40 * DAY})
    assert advanced.json()["advanced_seconds"] == 40 * DAY
    after = await create(client)
    passed = at(after["created_at"]) - at(before["created_at"])
    assert timedelta(0) <= passed - timedelta(days=40) < timedelta(seconds=30)
    assert (await client.get("/tenant")).json()["clock_advanced_seconds"] == 40 * DAY
    changed = await client.patch(f"/customers/{before['id']}", json={"name": "x"})
    assert at(changed.json()["updated_at"]) >= at(after["created_at"])


async def test_time_goes_on_to_an_instant(client: AsyncClient) -> None:
    wanted = "2042-02-28T23:59:30.250+08:00"
    clock = (await client.post("/sandbox/clock/advance", json={"to": wanted})).json()
    assert timedelta(0) <= at(clock["now"]) - at(wanted) < timedelta(seconds=5)
    created = await create(client)
    assert created["created_at"].startswith("2042-02-28T15:59:3")


async def test_two_who_advance_at_once_both_count(client: AsyncClient) -> None:
    calls = (client.post("/sandbox/clock/advance", json={"seconds": DAY}) for _ in range(8))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    assert (await client.get("/sandbox/clock")).json()["advanced_seconds"] == 8 * DAY


async def test_a_key_expires_in_the_time_of_its_tenant(client: AsyncClient) -> None:
    now = at((await client.get("/sandbox/clock")).json()["now"])
    ends = (now + timedelta(days=1)).isoformat()
    sent = {"name": "k", "scopes": ["customers:read"], "expires_at": ends}
    secret = (await client.post("/api-keys", json=sent)).json()["secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await client.get("/customers", headers=headers)).status_code == 200
    await client.post("/sandbox/clock/advance", json={"seconds": 2 * DAY})
    refused(await client.get("/customers", headers=headers), 401, "unauthorized")
    assert (await client.get("/customers")).status_code == 200


async def test_other_tenants_notice_nothing(client: AsyncClient, caller: NewClient) -> None:
    other = await caller()
    await client.post("/sandbox/clock/advance", json={"seconds": 100 * DAY})
    theirs = await create(other)
    assert (
        at(theirs["created_at"]).year == at((await other.get("/sandbox/clock")).json()["now"]).year
    )
    assert (await other.get("/sandbox/clock")).json()["advanced_seconds"] == 0


async def test_a_rehearsed_advance_advances_nothing(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        dry = {"Crm-Dry-Run": "true"}
        told = await client.post("/sandbox/clock/advance", json={"seconds": DAY}, headers=dry)
    assert told.headers["crm-dry-run-events"] == "tenant.clock_advanced"
    assert (await client.get("/sandbox/clock")).json()["advanced_seconds"] == 0


async def test_a_live_tenant_has_the_real_time(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    client = await caller(tenant=await new_tenant_(TenantKind.live))
    assert (await client.get("/sandbox/clock")).json()["advanced_seconds"] == 0
    async with nothing_changes():
        late = await client.post("/sandbox/clock/advance", json={"seconds": DAY})
    refused(late, 409, "conflict")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"seconds": 1, "to": "2042-01-01T00:00:00Z"}, ""),
        ({"seconds": 0}, "/seconds"),
        ({"seconds": -1}, "/seconds"),
        ({"seconds": 10**18}, "/seconds"),
        ({"seconds": 1.5}, "/seconds"),
        ({"to": "2001-01-01T00:00:00Z"}, "/to"),
        ({"to": "2191-01-01T00:00:00Z"}, "/to"),
        ({"to": "2042-01-01"}, "/to"),
        ({"seconds": 316_224_000, "to": None}, "/to"),
    ],
)
async def test_time_that_cannot_be_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, body: dict[str, Any], pointer: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/sandbox/clock/advance", json=body)
    problem = refused(answer, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_a_sandbox_has_an_end(client: AsyncClient, nothing_changes: Unchanged) -> None:
    await client.post("/sandbox/clock/advance", json={"to": "2189-12-31T00:00:00Z"})
    async with nothing_changes():
        answer = await client.post("/sandbox/clock/advance", json={"seconds": 7 * DAY})
    assert refused(answer, 422, "validation-failed")["errors"][0]["pointer"] == "/seconds"
