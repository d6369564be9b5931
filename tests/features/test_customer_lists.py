"""Lists: complete under change, in any order asked for, and only for the question asked."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.customers.schemas import CustomerQuery, CustomerRead
from crm_api.kit.context import House
from crm_api.kit.paging import page
from crm_api.kit.projection import one
from tests.conftest import NewClient

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


async def test_a_list_is_complete_while_others_write(client: AsyncClient) -> None:
    before = [(await create(client, name=f"old {n}"))["id"] for n in range(30)]

    async def disturb() -> None:
        for n in range(30):
            await create(client, name=f"new {n}")

    writing = asyncio.create_task(disturb())
    for sort in ("created_at", "-created_at", "name"):
        seen = [item["id"] for item in await walk(client, sort=sort, limit=7)]
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)
    await writing


async def test_equal_sort_keys_lose_nobody(client: AsyncClient) -> None:
    for _ in range(9):
        await create(client, name="Same")
    found = await walk(client, sort=["name", "-created_at"], limit=2)
    assert len({item["id"] for item in found}) == 9
    times = [item["created_at"] for item in found]
    assert all(a >= b for a, b in pairwise(times))


PLANS = {
    "get": one(CustomerRead).sql,
    "first page": page(
        CustomerRead, CustomerQuery, (("state", True),), ("-created_at",), False
    ).sql,
    "later page": page(CustomerRead, CustomerQuery, (("state", True),), ("-created_at",), True).sql,
    "by name": page(CustomerRead, CustomerQuery, (("state", True),), ("sort_name",), True).sql,
    "changed since": page(
        CustomerRead, CustomerQuery, (("updated_at__gt", False),), ("updated_at",), False
    ).sql,
    "by e-mail": page(CustomerRead, CustomerQuery, (("email", True),), ("-created_at",), False).sql,
}


@pytest.mark.parametrize("name", PLANS)
async def test_hot_queries_use_an_index(name: str, house: House, admin: "Admin[Any]") -> None:
    """Under row level security, with the generic plan that the app's role is given."""
    await admin.execute(
        "INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, "
        "created_at, updated_at) SELECT md5((n % 20)::text)::uuid, gen_random_uuid(), 'person', "
        "n::text, n::text, now(), '{}', now() - n * interval '1 s', now() - n * interval '1 s' "
        "FROM generate_series(1, 20000) n ON CONFLICT DO NOTHING; ANALYZE customers"
    )
    async with house.pool.line() as line:
        prepared = f"PREPARE asked AS {PLANS[name]}"
        await line.driver.execute(prepared)
        count = PLANS[name].count("$")
        nulls = ", ".join(
            "NULL" for _ in {f"${n}" for n in range(1, count + 1)} if _ in PLANS[name]
        )
        rows = await line.driver.fetch(f"EXPLAIN (COSTS OFF) EXECUTE asked({nulls})")
        await line.driver.execute("DEALLOCATE asked")
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan, plan
    assert "Index" in plan, plan
