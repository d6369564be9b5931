"""Customers within bounds of a field that the tenant has defined, be they few or many."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit import choosing
from crm_api.kit.paging import page

from .test_customer_orders_by_value import walked

Json = dict[str, Any]
Points = dict[str, tuple[int | None, int, str]]
BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


WAYS = {"walked": (0, 0), "sorted": (0, 5_000), "by number": (0, 7), "near": (9, 7)}


def go(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many rows are looked at first, and how many ids are few."""
    monkeypatch.setattr(choosing, "NEAR", WAYS[way][0])
    monkeypatch.setattr(choosing, "FEW", WAYS[way][1])
    page.cache_clear()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    go(request.param, monkeypatch)
    yield request.param
    page.cache_clear()


@pytest.fixture
async def scored(client: AsyncClient) -> Points:
    """Forty customers with points or without, and with visits, in the order of creation."""
    for key in ("points", "visits"):
        sent = {"resource": "customer", "key": key, "kind": "number", "labels": {"en": "Field"}}
        answer = await client.post("/custom-fields", json=sent | {"indexed": True})
        assert answer.status_code == 201
    dice, told = random.Random(7), []
    for _ in range(40):
        points, name = dice.choice([None, *range(-3, 10)]), dice.choice(["Wei", "Li"])
        told.append((points, dice.randrange(5), name))
    items = [
        {"external_id": str(n), "data": {"kind": "person", "name": name, "custom": custom}}
        for n, (points, visits, name) in enumerate(told)
        for custom in [{"points": points, "visits": visits}]
    ]
    made = await client.post("/customers/batch-upsert", json={"system": "erp", "items": items})
    ids = [one["id"] for one in made.json()["data"]]
    return dict(sorted(zip(ids, told, strict=True)))


def condition(field: str, op: str, value: Any) -> Json:
    return {"kind": "condition", "field": field, "op": op, "value": value}


def group(kind: str, *of: Json) -> Json:
    return {"kind": kind, "of": list(of)}


@pytest.mark.parametrize("limit", [1, 6, 50])
@pytest.mark.parametrize("down", [True, False])
async def test_pages_hold_what_is_within_the_bounds(
    client: AsyncClient, scored: Points, way: str, limit: int, down: bool
) -> None:
    sort = ["-created_at" if down else "created_at"]
    for low, first in (("gte", 0), ("gt", 3), ("gte", -3), ("gt", 9)):
        for high, last in (("lt", 4), ("lte", 9), ("lte", -3)):
            filter = group(
                "all",
                condition("custom.points", low, first),
                condition("custom.points", high, last),
            )
            wanted = [
                id
                for id, (points, *_) in scored.items()
                if points is not None and BOUNDS[low](points, first) and BOUNDS[high](points, last)
            ]
            found = await walked(client, filter=filter, limit=limit, sort=sort)
            assert found == (wanted[::-1] if down else wanted), (low, first, high, last)


FILTERS: list[tuple[Json, Callable[[int, int, str], bool]]] = [
    (condition("custom.points", "gte", 2), lambda p, v, n: p >= 2),
    (
        group("all", condition("custom.points", "gte", 2), condition("custom.visits", "lt", 3)),
        lambda p, v, n: p >= 2 and v < 3,
    ),
    (
        group("all", condition("custom.points", "gte", 2), condition("custom.visits", "eq", 3)),
        lambda p, v, n: p >= 2 and v == 3,
    ),
    (
        group(
            "all", condition("name", "eq", "Li"), group("all", condition("custom.points", "lt", 5))
        ),
        lambda p, v, n: n == "Li" and p < 5,
    ),
    (
        group("any", condition("custom.points", "gt", 6), condition("custom.points", "lt", -1)),
        lambda p, v, n: p > 6 or p < -1,
    ),
    (
        group("all", condition("custom.points", "gt", 6), condition("custom.points", "lt", 2)),
        lambda p, v, n: False,
    ),
    (
        group(
            "all",
            condition("custom.points", "gte", 0),
            condition("custom.points", "gte", 3),
            condition("custom.points", "ne", 4),
        ),
        lambda p, v, n: p >= 3 and p != 4,
    ),
]


@pytest.mark.parametrize("number", range(len(FILTERS)))
async def test_bounds_beside_other_conditions(
    client: AsyncClient, scored: Points, way: str, number: int
) -> None:
    filter, holds = FILTERS[number]
    wanted = [id for id, (p, v, n) in scored.items() if p is not None and holds(p, v, n)]
    assert await walked(client, filter=filter, limit=4) == wanted[::-1]
    answer = await client.post("/customers/search", json={"filter": filter, "include": ["total"]})
    assert answer.json()["total"] == {"value": len(wanted), "relation": "eq"}
    by_name = await walked(client, filter=filter, sort=["name"], limit=4)
    assert sorted(by_name) == wanted


async def test_who_has_no_value_is_outside_all_bounds(
    client: AsyncClient, scored: Points, way: str
) -> None:
    outside = group("none", condition("custom.points", "gte", 2))
    wanted = [id for id, (points, *_) in scored.items() if points is None or points < 2]
    assert await walked(client, filter=outside, limit=9) == wanted[::-1]


async def test_the_next_page_goes_on_whichever_way_it_is_found(
    client: AsyncClient, scored: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    filter = condition("custom.points", "gte", 0)
    wanted = [id for id, (p, *_) in scored.items() if p is not None and p >= 0][::-1]
    found, cursor = [], None
    for way in ("sorted", "walked", "near", "sorted"):
        go(way, monkeypatch)
        body = {"filter": filter, "limit": 5, "cursor": cursor}
        told = (await client.post("/customers/search", json=body)).json()
        found += [one["id"] for one in told["data"]]
        cursor = told["next_cursor"]
    page.cache_clear()
    assert found == wanted[:20]


async def test_a_search_by_text_may_be_bounded_too(
    client: AsyncClient, scored: Points, way: str
) -> None:
    body = {"filter": condition("custom.points", "lt", 5), "q": "wei", "limit": 100}
    told = (await client.post("/customers/search", json=body)).json()
    wanted = [id for id, (p, _, n) in scored.items() if p is not None and p < 5 and n == "Wei"]
    assert [one["id"] for one in told["data"]] == wanted[::-1]
