"""What is done later, or sent to others, reaches as far as whoever asked for it does by then."""

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.settings import Settings
from tests.conftest import Unchanged, WithKey
from tests.grouping import Group, grown, ids, made
from tests.platform.posting import Post, posting, verified
from tests.serving import client_of

from .conftest import Done
from .test_customers import refused

Json = dict[str, Any]
ALL_OF_THEM = {"resource": "customers"}


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    async with posting(settings) as made:
        yield made


async def result(client: AsyncClient, job: Json) -> list[Json]:
    assert job["state"] == "succeeded", job
    read = await client.get(job["result_url"].removeprefix("/v1"))
    assert read.status_code == 200, read.text
    return [json.loads(line) for line in read.text.splitlines()]


async def test_an_export_has_what_its_asker_sees(group: Group, done: Done) -> None:
    mine = await group.customer("shanghai")
    await group.customer("west")
    manager = (await group.hire("unit_manager", "east")).client
    job = await done(manager, await manager.post("/exports", json=ALL_OF_THEM))
    assert [one["id"] for one in await result(manager, job)] == [mine]


async def test_an_export_for_a_unit_has_what_is_of_that_unit(group: Group, done: Done) -> None:
    mine = await group.customer("hangzhou")
    await group.customer("shanghai")
    for client in (group.admin, (await group.hire("unit_manager", "east")).client):
        asked = await client.post("/exports", json=ALL_OF_THEM, headers=group.at("hangzhou"))
        assert [one["id"] for one in await result(client, await done(client, asked))] == [mine]


async def test_jobs_of_others_are_not_there_for_who_sees_not_all(
    group: Group, done: Done, nothing_changes: Unchanged
) -> None:
    await group.customer("west")
    manager = (await group.hire("unit_manager")).client
    own = await done(manager, await manager.post("/exports", json=ALL_OF_THEM))
    other = await done(group.admin, await group.admin.post("/exports", json=ALL_OF_THEM))
    assert ids(await manager.get("/jobs")) == {own["id"]}
    async with nothing_changes():
        for path in ("", "/result"):
            refused(await manager.get(f"/jobs/{other['id']}{path}"), 404, "not-found")
        refused(await manager.post(f"/jobs/{other['id']}/cancel"), 404, "not-found")
    assert ids(await group.admin.get("/jobs")) == {own["id"], other["id"]}


async def test_a_job_ends_where_the_role_of_its_asker_does(group: Group, done: Done) -> None:
    person = await group.hire("unit_manager")
    asked = await person.client.post("/exports", json=ALL_OF_THEM)
    (held,) = (await group.admin.get("/role-assignments", params={"user_id": person.id})).json()[
        "data"
    ]
    await group.admin.post(f"/role-assignments/{held['id']}/end", json={})
    job = await done(group.admin, asked)
    assert job["state"] == "failed"


async def test_what_an_integration_imports_is_of_its_unit(group: Group, done: Done) -> None:
    taken = await group.customer("west", external_ids={"erp": "1"})
    erp = (await group.hire("integration", "hangzhou")).client
    lines = [{"external_id": n, "data": {"kind": "person", "name": n}} for n in ("1", "2")]
    sent = await erp.post(
        "/imports",
        params={"resource": "customers", "system": "erp"},
        content="\n".join(map(json.dumps, lines)),
        headers={"content-type": "application/x-ndjson"},
    )
    told = await result(erp, await done(erp, sent))
    assert [one["outcome"] for one in told] == ["failed", "created"]
    assert told[0]["problem"]["code"] == "duplicate-value"
    assert ids(await erp.get("/customers")) == {told[1]["id"]}
    manager = (await group.hire("unit_manager", "east")).client
    assert ids(await manager.get("/customers")) == {told[1]["id"]}
    unchanged = (await group.admin.get(f"/customers/{taken}")).json()
    assert unchanged["version"] == 1


async def test_mass_changes_touch_what_one_may_change(group: Group, done: Done) -> None:
    mine, theirs = await group.customer("shanghai"), await group.customer("west")
    manager = (await group.hire("unit_manager")).client
    body = {"ids": [mine, theirs], "action": "add_tags", "values": {"tags": ["seen"]}}
    job = await done(manager, await manager.post("/customers/bulk", json=body))
    assert job["state"] == "succeeded", job
    tags = [(await group.admin.get(f"/customers/{id}")).json()["tags"] for id in (mine, theirs)]
    assert tags == [["seen"], []]


async def test_an_endpoint_is_told_of_what_who_made_it_sees(post: Post) -> None:
    group = await grown(post.client, partial(key_of, post))
    role = await group.role(
        ("customers:read", "subtree"),
        ("webhook_endpoints:write", None),
        ("events:read", None),
    )
    erp = await group.hire(role, "east")
    asked = {"url": post.receiver.url, "event_types": ["customer.*"]}
    endpoint = await made(erp.client, "/webhook-endpoints", asked)
    mine, theirs = await group.customer("shanghai"), await group.customer("west")
    await post.client.patch(f"/customers/{theirs}", json={"source": "shop"})
    await post.work()
    told = [verified(endpoint, came)["data"]["id"] for came in post.receiver.came]
    assert told == [mine]


async def key_of(post: Post, key: str) -> AsyncClient:
    return client_of(post.app, key)
