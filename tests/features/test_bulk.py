"""One change of many customers: who they are, what becomes of each, and of nobody else."""

import asyncio
import json
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.bulk import service as bulk
from crm_api.kit import walking
from tests.conftest import NewClient, Unchanged

from .conftest import Done
from .test_customers import create, refused

SHOP = {"kind": "condition", "field": "source", "op": "eq", "value": "shop"}
EVERYBODY: dict[str, Any] = {"kind": "all", "of": []}
NOBODY = "cus_" + "f" * 32


async def changed(
    client: AsyncClient, done: Done, body: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The job that has ended, and its report."""
    job = await done(client, await client.post("/customers/bulk", json=body))
    assert job["state"] == "succeeded", job
    result = await client.get(job["result_url"].removeprefix("/v1"))
    return job, [json.loads(line) for line in result.text.splitlines()]


async def read(client: AsyncClient, one: dict[str, Any]) -> dict[str, Any]:
    return dict((await client.get(f"/customers/{one['id']}")).json())


async def test_a_preview_tells_how_many_and_shows_some(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made = [await create(client, source="shop") for _ in range(6)]
    await create(client, source="fair")
    async with nothing_changes():
        answer = await client.post(
            "/customers/bulk", json={"filter": SHOP, "action": "archive", "preview": True}
        )
        ids = [NOBODY, made[0]["id"], made[0]["id"], made[3]["id"]]
        listed = await client.post(
            "/customers/bulk", json={"ids": ids, "action": "archive", "preview": True}
        )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["object"], told["total"]) == ("bulk_preview", {"value": 6, "relation": "eq"})
    assert told["sample"] == list(reversed(made))[:5]
    assert listed.json()["total"] == {"value": 2, "relation": "eq"}
    assert listed.json()["sample"] == [made[0], made[3]]


async def test_what_a_filter_finds_is_changed_and_nobody_else(
    client: AsyncClient, done: Done
) -> None:
    shop = [await create(client, source="shop", tags=["old"]) for _ in range(3)]
    other = await create(client, source="fair")
    body = {"filter": SHOP, "action": "update", "values": {"source": "web", "custom": {}}}
    job, report = await changed(client, done, body)
    assert (job["kind"], job["figures"]) == ("customers.bulk", {"records": 3, "updated": 3})
    assert [one["id"] for one in report] == [one["id"] for one in shop]
    assert [(one["outcome"], one["version"], one["problem"]) for one in report] == [
        ("updated", 2, None)
    ] * 3
    assert [(await read(client, one))["source"] for one in shop] == ["web"] * 3
    assert await read(client, other) == other


async def test_a_change_of_nobody_says_so(client: AsyncClient, done: Done) -> None:
    job, report = await changed(client, done, {"filter": SHOP, "action": "archive"})
    assert (job["figures"], report) == ({"records": 0}, [])


@pytest.mark.parametrize(
    ("action", "values", "before", "after"),
    [
        ("add_tags", {"tags": ["vip", "b"]}, ["a", "b"], ["a", "b", "vip"]),
        ("remove_tags", {"tags": ["vip", "b"]}, ["a", "b"], ["a"]),
        ("update", {"tags": ["c"]}, ["a", "b"], ["c"]),
    ],
)
async def test_tags_are_added_removed_and_replaced(
    client: AsyncClient, done: Done, action: str, values: Any, before: list[str], after: list[str]
) -> None:
    one = await create(client, tags=before)
    body = {"ids": [one["id"]], "action": action, "values": values}
    assert [line["outcome"] for line in (await changed(client, done, body))[1]] == ["updated"]
    assert (await read(client, one))["tags"] == after
    found = await client.get("/customers", params={"tag": after[-1]})
    assert [record["id"] for record in found.json()["data"]] == [one["id"]]
    assert [line["outcome"] for line in (await changed(client, done, body))[1]] == ["unchanged"]


async def test_customers_are_archived_and_restored(
    client: AsyncClient, done: Done, admin: "Admin[Any]"
) -> None:
    made = [await create(client) for _ in range(3)]
    for action, state, event in (
        ("archive", "archived", "customer.archived"),
        ("restore", "live", "customer.restored"),
    ):
        job, _ = await changed(client, done, {"filter": EVERYBODY, "action": action})
        assert job["figures"] == {"records": 3, "updated": 3}
        assert [(await read(client, one))["state"] for one in made] == [state] * 3
        history = await client.get(f"/customers/{made[0]['id']}")
        told = await admin.fetchval(
            "SELECT type FROM events WHERE object_id = $1::text::uuid AND version = $2",
            made[0]["id"][4:],
            history.json()["version"],
        )
        assert told == event


async def test_each_has_its_outcome_and_a_bad_one_costs_itself(
    client: AsyncClient, done: Done
) -> None:
    person, away = await create(client), await create(client, kind="organization", name="Away")
    await client.post(f"/customers/{away['id']}/archive")
    code = "91110000600037341L"
    first, second, third = [
        await create(client, kind="organization", name=name) for name in ("A", "B", "C")
    ]
    ids = [one["id"] for one in (person, first, away, second)] + [NOBODY, third["id"]]
    body = {"ids": ids, "action": "update", "values": {"uscc": code}}
    job, report = await changed(client, done, body)
    assert [one["id"] for one in report] == ids
    told = [(one["outcome"], (one["problem"] or {}).get("code")) for one in report]
    assert told == [
        ("failed", "conflict"),
        ("updated", None),
        ("failed", "conflict"),
        ("failed", "duplicate-value"),
        ("failed", "not-found"),
        ("failed", "duplicate-value"),
    ]
    assert job["figures"] == {"records": 6, "updated": 1, "failed": 5}
    problem = report[3]["problem"] or {}
    assert [error["pointer"] for error in problem["errors"]] == ["/values/uscc"]
    assert problem["instance"] == f"/v1/customers/{second['id']}"
    assert (await read(client, first))["uscc"] == code
    assert (await read(client, second))["version"] == 1


async def test_who_has_left_the_filter_meanwhile_is_passed_over(
    client: AsyncClient, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which customers they are is settled as the job begins; each is looked at once more."""
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    first, second = [await create(client, source="shop") for _ in range(2)]
    change = bulk.BulkService._change_some

    async def late(self: Any, run: Any, asked: Any) -> None:
        if not run.figures["records"]:
            await client.patch(f"/customers/{second['id']}", json={"source": "fair"})
            await create(client, source="shop", name="Later")
        await change(self, run, asked)

    monkeypatch.setattr(bulk.BulkService, "_change_some", late)
    job, report = await changed(client, done, {"filter": SHOP, "action": "archive"})
    assert job["figures"] == {"records": 2, "updated": 1, "skipped": 1}
    assert [(one["id"], one["outcome"], one["version"]) for one in report] == [
        (first["id"], "updated", 2),
        (second["id"], "skipped", None),
    ]
    assert (await read(client, second))["state"] == "live"


async def test_many_are_worked_through_in_parts(
    client: AsyncClient, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "ROWS_OF_IDS", 4)
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    made = [(await create(client, name=f"Bob {n}"))["id"] for n in range(11)]
    body = {"filter": EVERYBODY, "action": "add_tags", "values": {"tags": ["vip"]}}
    job, report = await changed(client, done, body)
    assert [one["id"] for one in report] == made
    assert job["figures"] == {"records": 11, "updated": 11}
    found = await client.get("/customers", params={"tag": "vip", "include": "total"})
    assert found.json()["total"]["value"] == 11


async def test_a_change_and_single_changes_at_the_same_time_lose_nothing(
    client: AsyncClient, done: Done
) -> None:
    made = [(await create(client))["id"] for _ in range(40)]
    body = {"filter": EVERYBODY, "action": "add_tags", "values": {"tags": ["bulk"]}}
    accepted = await client.post("/customers/bulk", json=body)

    async def single(id: str) -> None:
        answer = await client.post(f"/customers/{id}/add-tags", json={"tags": ["single"]})
        assert answer.status_code == 200

    ended = asyncio.create_task(done(client, accepted))
    await asyncio.gather(*(single(id) for id in made))
    assert (await ended)["state"] == "succeeded"
    for id in made:
        assert sorted((await client.get(f"/customers/{id}")).json()["tags"]) == ["bulk", "single"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "archive"}, ""),
        ({"action": "archive", "filter": EVERYBODY, "ids": [NOBODY]}, ""),
        ({"action": "archive", "ids": []}, "/ids"),
        ({"action": "explode", "filter": EVERYBODY}, "/action"),
        ({"action": "update", "filter": EVERYBODY}, "/values"),
        ({"action": "archive", "filter": EVERYBODY, "values": {}}, "/values"),
        ({"action": "add_tags", "filter": EVERYBODY, "values": {"tags": []}}, "/values/tags"),
        ({"action": "update", "filter": EVERYBODY, "values": {"name": ""}}, "/values/name"),
        ({"action": "archive", "filter": {**SHOP, "field": "nothing"}}, "/filter/field"),
    ],
)
async def test_what_cannot_be_done_is_refused_at_once(
    client: AsyncClient, nothing_changes: Unchanged, body: dict[str, Any], pointer: str
) -> None:
    async with nothing_changes():
        problem = refused(await client.post("/customers/bulk", json=body), 422, "validation-failed")
    assert {error["pointer"] for error in problem["errors"]} == {pointer}


async def test_who_may_change_one_customer_may_not_change_many(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    needed = {"bulk:write", "customers:read", "customers:write", "customers:bulk"}
    body = {"filter": EVERYBODY, "action": "archive"}
    for missing in needed:
        client = await caller(*needed - {missing})
        async with nothing_changes():
            for sent in (body, {**body, "preview": True}):
                problem = refused(await client.post("/customers/bulk", json=sent), 403, "forbidden")
                assert problem["missing_scope"] == [missing]
    assert (await (await caller(*needed)).post("/customers/bulk", json=body)).status_code == 202
