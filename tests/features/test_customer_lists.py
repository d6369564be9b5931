"""Lists: complete under change, in any order asked for, and only for the question asked."""

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from tests.conftest import NewClient, NewTenant

from .test_customers import create, refused


async def walk(client: AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """All records, page by page, through the `Link` header."""
    found: list[dict[str, Any]] = []
    answer = await client.get("/customers", params=params)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["data"]
        assert page["has_more"] == (page["next_cursor"] is not None) == ("next" in answer.links)
        if not page["has_more"]:
            return found
        answer = await client.get(f"http://test{answer.links['next']['url']}")


@pytest.fixture
async def alphabet(client: AsyncClient) -> AsyncClient:
    for name in ("Bob", "Ada", "Dan", "Cid", "Eve"):
        kind = "organization" if name in ("Ada", "Eve") else "person"
        await create(client, kind=kind, name=name, tags=[f"t{name[0]}", "all"])
    return client


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ([], "Eve Cid Dan Ada Bob"),
        (["name"], "Ada Bob Cid Dan Eve"),
        (["-name"], "Eve Dan Cid Bob Ada"),
        (["created_at"], "Bob Ada Dan Cid Eve"),
        (["updated_at"], "Bob Ada Dan Cid Eve"),
        (["-updated_at", "name"], "Eve Cid Dan Ada Bob"),
        (["name", "-name", "name"], "Ada Bob Cid Dan Eve"),
    ],
)
async def test_pages_follow_the_sort(alphabet: AsyncClient, sort: list[str], names: str) -> None:
    for limit in (1, 2, 5):
        found = await walk(alphabet, sort=sort, limit=limit)
        assert [item["name"] for item in found] == names.split()


async def test_filters_narrow_and_repeated_ones_widen(alphabet: AsyncClient) -> None:
    for params, names in (
        ({"kind": "organization"}, {"Ada", "Eve"}),
        ({"kind": ["organization", "person"]}, {"Ada", "Bob", "Cid", "Dan", "Eve"}),
        ({"tag": ["tA", "tB"], "kind": "person"}, {"Bob"}),
        ({"tag": "nobody"}, set()),
        ({"created_at__lt": "2000-01-01T00:00:00Z"}, set()),
        ({"state": "archived"}, set()),
    ):
        assert {item["name"] for item in await walk(alphabet, limit=2, **params)} == names


async def test_what_i_was_sent_is_not_sent_again(alphabet: AsyncClient) -> None:
    newest = (await walk(alphabet))[0]
    for field in ("created_at", "updated_at"):
        assert await walk(alphabet, **{f"{field}__gt": newest[field]}) == []
        assert newest in await walk(alphabet, **{f"{field}__gte": newest[field]})


async def test_a_cursor_fits_its_own_question_only(
    alphabet: AsyncClient, caller: NewClient
) -> None:
    cursor = (await alphabet.get("/customers", params={"limit": 1})).json()["next_cursor"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for params in (
        {"sort": "name"},
        {"kind": "person"},
        {"cursor": changed},
        {"cursor": "zzz"},
        {"cursor": "é"},
        {"cursor": ""},
    ):
        asked = {"cursor": cursor, **params}
        refused(await alphabet.get("/customers", params=asked), 400, "invalid-cursor")
    stranger = await caller()
    refused(await stranger.get("/customers", params={"cursor": cursor}), 400, "invalid-cursor")
    assert (await alphabet.get("/customers", params={"cursor": cursor})).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("sort=uscc", "?sort"),
        ("sort=name;drop%20table%20customers", "?sort"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=-1", "?limit"),
        ("limit=99999999999999999999", "?limit"),
        ("limit=1&limit=5000", "?limit"),
        ("emial=a@example.com", "?emial"),
        ("email=nobody", "?email"),
        ("phone=12", "?phone"),
        ("created_at__gte=yesterday", "?created_at__gte"),
        ("tag=a%00b", "?"),
    ],
)
async def test_a_question_that_the_contract_does_not_know_is_refused(
    client: AsyncClient, query: str, pointer: str
) -> None:
    wrong = refused(await client.get(f"/customers?{query}"), 422, "validation-failed")
    assert [error["pointer"] for error in wrong["errors"]] == [pointer]


OTHERS = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, created_at,
  updated_at)
SELECT $1, gen_random_uuid(), 'person', 'other', chr(97 + n % 26), now(), '{}', at, at
FROM (SELECT n, now() - random() * interval '1 hour' AS at FROM generate_series(1, 500) n) made"""
GONE = """
DELETE FROM customers WHERE (tenant_id, id) IN (
  SELECT tenant_id, id FROM customers WHERE tenant_id = $1 AND name = 'other' LIMIT 500)"""


async def test_a_list_is_complete_while_others_come_and_go(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]"
) -> None:
    """20,000 unrelated rows are inserted and deleted all over the order that is walked through."""
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    kept = []
    for n in range(8):
        body = {"system": "erp", "items": [_item(f"{n}-{m}") for m in range(100)]}
        done = (await client.post("/customers/batch-upsert", json=body)).json()["data"]
        kept += [outcome["id"] for outcome in done]
    await admin.execute(
        "UPDATE customers SET created_at = now() - random() * interval '1 hour' "
        "WHERE tenant_id = $1",
        tenant.id,
    )
    others = asyncio.create_task(_come_and_go(admin, tenant, 20_000))
    walks = 0
    while not others.done() or walks < 4:
        sort = ("created_at", "-created_at", "name", "-updated_at")[walks % 4]
        seen = Counter(item["id"] for item in await walk(client, sort=sort, limit=100))
        assert {seen[id] for id in kept} == {1}
        walks += 1
    await others


def _item(name: str) -> dict[str, Any]:
    return {"external_id": name, "data": {"kind": "person", "name": f"kept {name}"}}


async def _come_and_go(admin: "Admin[Any]", tenant: Tenant, rows: int) -> None:
    for _ in range(rows // 500):
        await admin.execute(OTHERS, tenant.id)
        await asyncio.sleep(0.02)
        await admin.execute(GONE, tenant.id)


async def test_equal_sort_keys_lose_nobody(client: AsyncClient) -> None:
    for _ in range(9):
        await create(client, name="Same")
    found = await walk(client, sort=["name", "-created_at"], limit=2)
    assert len({item["id"] for item in found}) == 9
    times = [item["created_at"] for item in found]
    assert all(a >= b for a, b in pairwise(times))
