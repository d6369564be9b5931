"""A write under a key is done once, however often it is sent."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.main import create_app
from crm_api.platform.upkeep.forgetting import Forgetting
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import WANG, create, refused

Json = dict[str, Any]
BOB = {"kind": "person", "name": "Bob"}
KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""
SENT = ("etag", "location", "content-type", "content-length")


def key(text: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": text or str(uuid4())}


def same(first: Response, again: Response) -> None:
    """Byte by byte, but for the name of the request and that it is a repetition."""
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert (first.status_code, first.content) == (again.status_code, again.content)
    for name in SENT:
        assert first.headers.get(name) == again.headers.get(name)


async def count(admin: "Admin[Any]", table: str = "events") -> Any:
    return await admin.fetchval(f"SELECT count(*) FROM {table}")


async def test_a_repeated_create_makes_one_customer(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    sent = key()
    first = await client.post("/customers", json=WANG, headers=sent)
    before = await count(admin)
    again = await client.post("/customers", json=WANG, headers=sent)
    same(first, again)
    assert await count(admin) == before
    assert len((await client.get("/customers")).json()["data"]) == 1


async def test_a_body_without_a_bottom_is_refused_under_a_key_too(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    bottomless = '{"name":' * 100_000
    sent = {**key(), "Content-Type": "application/json"}
    async with nothing_changes():
        answer = await client.post("/customers", content=bottomless, headers=sent)
    refused(answer, 400, "malformed-json")


async def test_every_kind_of_write_is_repeated_word_by_word(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    bob = await create(client)
    path = f"/customers/{bob['id']}"
    items = [{"external_id": "1", "data": BOB}, {"external_id": "2", "data": {"name": "?"}}]
    spare = (await client.post("/api-keys", json={"name": "k", "scopes": ["*"]})).json()["id"]
    for method, place, body in (
        ("PATCH", path, {"name": "Bobby"}),
        ("PATCH", path, {"name": "Bobby"}),
        ("POST", f"{path}/add-tags", {"tags": ["vip"]}),
        ("POST", f"{path}/archive", None),
        ("POST", f"{path}/restore", None),
        ("PATCH", "/customers/external/erp/9", BOB),
        ("PATCH", "/customers/external/erp/9", {"title": "Dr"}),
        ("POST", "/customers/batch-upsert", {"system": "erp", "items": items}),
        ("PATCH", "/tenant", {"phone_region": "GB"}),
        ("POST", "/api-keys", {"name": "ERP", "scopes": ["customers:read"]}),
        ("DELETE", f"/api-keys/{spare}", None),
    ):
        sent = key()
        first = await client.request(method, place, json=body, headers=sent)
        assert first.is_success, first.text
        before = await count(admin)
        same(first, await client.request(method, place, json=body, headers=sent))
        assert await count(admin) == before, place


async def test_a_repeated_change_is_repeated_though_its_etag_is_old(client: AsyncClient) -> None:
    bob = await create(client)
    sent = key() | {"If-Match": '"1"'}
    first = await client.patch(f"/customers/{bob['id']}", json={"name": "B"}, headers=sent)
    again = await client.patch(f"/customers/{bob['id']}", json={"name": "B"}, headers=sent)
    same(first, again)
    later = await client.patch(f"/customers/{bob['id']}", json={"name": "C"})
    assert later.json()["version"] == 3
    same(first, await client.patch(f"/customers/{bob['id']}", json={"name": "B"}, headers=sent))


async def test_a_secret_is_shown_again_to_who_repeats_and_kept_nowhere_in_clear(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    sent = key()
    first = await client.post("/api-keys", json={"name": "k", "scopes": ["*"]}, headers=sent)
    again = await client.post("/api-keys", json={"name": "k", "scopes": ["*"]}, headers=sent)
    same(first, again)
    rows = await admin.fetch("SELECT k::text FROM idempotency_keys k")
    assert first.json()["secret"] not in "".join(row[0] for row in rows)


async def test_a_key_belongs_to_its_request(client: AsyncClient, admin: "Admin[Any]") -> None:
    bob, eve = await create(client), await create(client)
    sent = key()
    assert (await client.post("/customers", json=BOB, headers=sent)).status_code == 201
    before = await count(admin)
    other = await client.post("/customers", json=BOB | {"name": "Eve"}, headers=sent)
    refused(other, 422, "idempotency-key-reused")
    spaced = b' {"name" : "Bob",\n "kind" : "person"} '
    again = await client.post(
        "/customers", content=spaced, headers=sent | {"Content-Type": "application/json"}
    )
    assert again.headers["idempotent-replayed"] == "true", "spaces and order do not count"
    assert await count(admin) == before
    patch = key()
    await client.patch(f"/customers/{bob['id']}", json={"name": "x"}, headers=patch)
    wrong = await client.patch(f"/customers/{eve['id']}", json={"name": "x"}, headers=patch)
    refused(wrong, 422, "idempotency-key-reused")
    assert (await client.get(f"/customers/{eve['id']}")).json()["version"] == 1
    archived = await client.post(f"/customers/{bob['id']}/archive", headers=patch)
    assert archived.status_code == 200, "another operation has keys of its own"


async def test_what_failed_is_tried_anew(client: AsyncClient, admin: "Admin[Any]") -> None:
    sent = key()
    refused(
        await client.post("/customers", json={"kind": "person"}, headers=sent),
        422,
        "validation-failed",
    )
    assert (
        await admin.fetchval(
            "SELECT count(*) FROM idempotency_keys WHERE key = $1", sent["Idempotency-Key"]
        )
        == 0
    )
    good = await client.post("/customers", json=BOB, headers=sent)
    assert good.status_code == 201


@pytest.mark.parametrize("sent", ["", " ", "a" * 256, "é", "a\tb", "\x7f", '""', '"', "x" * 10_000])
async def test_a_key_that_is_none_is_refused(
    client: AsyncClient, admin: "Admin[Any]", sent: str
) -> None:
    before = await count(admin)
    headers = [(b"Idempotency-Key", sent.encode())]
    problem = refused(
        await client.post("/customers", json=BOB, headers=headers), 400, "idempotency-key-invalid"
    )
    assert [error["pointer"] for error in problem["errors"]] == ["header:Idempotency-Key"]
    assert await count(admin) == before


async def test_two_keys_in_one_request_are_none(client: AsyncClient, admin: "Admin[Any]") -> None:
    before = await count(admin)
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    refused(
        await client.post("/customers", json=BOB, headers=headers), 400, "idempotency-key-invalid"
    )
    assert await count(admin) == before


async def test_a_quoted_key_is_the_bare_one(client: AsyncClient) -> None:
    first = await client.post("/customers", json=BOB, headers=key("order 7"))
    same(first, await client.post("/customers", json=BOB, headers=key('"order 7"')))


async def test_a_repetition_needs_the_same_rights(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    tenant, sent = await new_tenant_(), key()
    writer = await caller("customers:write", tenant=tenant)
    reader = await caller("customers:read", tenant=tenant)
    first = await writer.post("/customers", json=BOB, headers=sent)
    refused(await reader.post("/customers", json=BOB, headers=sent), 403, "forbidden")
    same(first, await (await caller(tenant=tenant)).post("/customers", json=BOB, headers=sent))


async def test_another_tenant_has_its_own_keys(caller: NewClient) -> None:
    sent = key()
    one, other = await caller(), await caller()
    first = await one.post("/customers", json=BOB, headers=sent)
    second = await other.post("/customers", json=BOB, headers=sent)
    assert second.status_code == 201
    assert first.json()["id"] != second.json()["id"]


@pytest.fixture
async def processes(
    app: FastAPI, settings: Settings, caller: NewClient, new_tenant_: NewTenant
) -> Any:
    """The same API served by two processes' worth of pools, as one caller sees it."""
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    second = create_app(settings)
    async with second.router.lifespan_context(second):
        transport = ASGITransport(second)
        async with AsyncClient(
            transport=transport, base_url="http://test/v1", headers=client.headers
        ) as other:
            yield tenant, client, other


async def until_answered(client: AsyncClient, method: str, path: str, **sent: Any) -> Response:
    """Does what `Retry-After` says."""
    while True:
        answer = await client.request(method, path, **sent)
        if answer.status_code not in (409, 503):
            return answer
        assert answer.headers["retry-after"] == "1"
        await asyncio.sleep(0.05)


async def test_a_burst_under_one_key_makes_one_object(
    processes: tuple[Tenant, AsyncClient, AsyncClient], admin: "Admin[Any]"
) -> None:
    tenant, *clients = processes
    for n in range(4):
        sent = {"json": BOB | {"name": f"B{n}"}, "headers": key()}
        calls = (until_answered(clients[m % 2], "POST", "/customers", **sent) for m in range(50))
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert Counter("idempotent-replayed" in answer.headers for answer in answers)[False] == 1
    made = "SELECT count(*) FROM customers WHERE tenant_id = $1"
    assert await admin.fetchval(made, tenant.id) == 4


async def test_a_burst_of_changes_under_one_key_changes_once(
    processes: tuple[Tenant, AsyncClient, AsyncClient],
) -> None:
    _, *clients = processes
    bob = await create(clients[0])
    path, sent = f"/customers/{bob['id']}/add-tags", {"json": {"tags": ["x"]}, "headers": key()}
    calls = (until_answered(clients[n % 2], "POST", path, **sent) for n in range(20))
    answers = await asyncio.gather(*calls)
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["version"] == 2


async def test_who_waits_for_the_first_holds_no_connection(
    client: AsyncClient, house: House, admin: "Admin[Any]"
) -> None:
    """Ten repetitions wait while a lock holds the first; others are served meanwhile."""
    bob = await create(client)
    sent, path = key(), f"/customers/{bob['id']}"
    async with admin.transaction():
        await admin.execute("SELECT 1 FROM customers WHERE id = $1 FOR UPDATE", bob["id"][4:])
        waiting = [
            asyncio.create_task(client.patch(path, json={"name": "x"}, headers=sent))
            for _ in range(house.pool.size + 5)
        ]
        await asyncio.sleep(0.3)
        assert (await client.get("/customers")).status_code == 200
    answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_who_died_in_the_middle_has_done_all_or_nothing(
    client: AsyncClient, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    """The connection of the first attempt is killed while it waits inside its transaction."""
    bob = await create(client)
    sent, path = key(), f"/customers/{bob['id']}"
    async with nothing_changes(), admin.transaction():
        await admin.execute("SELECT 1 FROM customers WHERE id = $1 FOR UPDATE", bob["id"][4:])
        first = asyncio.create_task(client.patch(path, json={"name": "x"}, headers=sent))
        await asyncio.sleep(0.3)
        assert await admin.fetchval(KILL)
        refused(await first, 503, "unavailable")
    again = await client.patch(path, json={"name": "x"}, headers=sent)
    assert (again.status_code, again.json()["version"]) == (200, 2)
    same(again, await client.patch(path, json={"name": "x"}, headers=sent))


async def test_a_key_that_has_been_forgotten_is_new(
    client: AsyncClient, house: House, admin: "Admin[Any]"
) -> None:
    old, young = key(), key()
    for sent in (old, young):
        assert (await client.post("/customers", json=BOB, headers=sent)).status_code == 201
    await admin.execute(
        "UPDATE idempotency_keys SET created_at = now() - interval '8 days' WHERE key = $1",
        old["Idempotency-Key"],
    )
    assert await Forgetting(house).turn() == 1
    assert await Forgetting(house).turn() == 0
    anew = await client.post("/customers", json=BOB, headers=old)
    assert (anew.status_code, "idempotent-replayed" in anew.headers) == (201, False)
    again = await client.post("/customers", json=BOB, headers=young)
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await client.get("/customers")).json()["data"]) == 3
