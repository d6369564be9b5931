"""Customers in the order of a field that the tenant has defined."""

import random
from typing import Any

import pytest
from httpx import AsyncClient

Json = dict[str, Any]


@pytest.fixture
async def ranked(client: AsyncClient) -> dict[str, int | None]:
    """Thirty customers, each with points or without, by their ids in the order of creation."""
    fields: list[Json] = [
        {"key": "points", "kind": "number", "indexed": True},
        {"key": "notes", "kind": "text"},
        {"key": "visits", "kind": "multi_select", "indexed": True, "options": [{"value": "a"}]},
    ]
    for field in fields:
        labels = {"labels": {"en": "Field"}}
        options = {"options": [{**o, **labels} for o in field.get("options", ())]}
        sent = {"resource": "customer", **labels, **field, **options}
        assert (await client.post("/custom-fields", json=sent)).status_code == 201
    dice = random.Random(3)
    points = [dice.choice([None, -5, 0, 7, 7, 120]) for _ in range(30)]
    items = [
        {"external_id": str(n), "data": {"kind": "person", "name": "Wei", "custom": {"points": p}}}
        for n, p in enumerate(points)
    ]
    made = await client.post("/customers/batch-upsert", json={"system": "erp", "items": items})
    ids = [one["id"] for one in made.json()["data"]]
    return dict(sorted(zip(ids, points, strict=True)))


async def walked(client: AsyncClient, **asked: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while cursor or not found:
        answer = await client.post("/customers/search", json={**asked, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            return found
    return found


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("limit", [1, 4, 29, 30, 200])
async def test_pages_follow_the_values_and_those_without_come_last(
    client: AsyncClient, ranked: dict[str, int | None], down: bool, limit: int
) -> None:
    have = sorted((p, id) for id, p in ranked.items() if p is not None)
    lack = sorted(id for id, p in ranked.items() if p is None)
    wanted = [id for _, id in (reversed(have) if down else have)]
    wanted += reversed(lack) if down else lack
    sort = ["-custom.points" if down else "custom.points"]
    assert await walked(client, sort=sort, limit=limit) == wanted


async def test_a_filter_narrows_what_is_sorted(
    client: AsyncClient, ranked: dict[str, int | None]
) -> None:
    filter = {"kind": "condition", "field": "custom.points", "op": "gte", "value": 7}
    found = await walked(client, sort=["custom.points"], filter=filter, limit=3)
    assert [ranked[id] for id in found] == sorted(p for p in ranked.values() if p and p >= 7)


@pytest.mark.parametrize(
    ("sort", "pointer"),
    [
        (["custom.notes"], "/sort/0"),
        (["custom.visits"], "/sort/0"),
        (["custom.nobody"], "/sort/0"),
        (["custom.points", "name"], "/sort/1"),
        (["name", "-custom.points"], "/sort/1"),
        (["name", "-name", "custom.nobody"], "/sort/2"),
        (["custom.Points"], "/sort/0"),
    ],
)
async def test_what_no_index_has_in_order_does_not_sort(
    client: AsyncClient, ranked: dict[str, int | None], sort: list[str], pointer: str
) -> None:
    answer = await client.post("/customers/search", json={"sort": sort})
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == {pointer}
