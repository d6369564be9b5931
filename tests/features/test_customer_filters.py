"""Filters over customers, as a caller asks them."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import NewClient


@pytest.fixture
async def people(client: AsyncClient) -> dict[str, str]:
    """Ids by name."""
    sent = [
        {"kind": "organization", "name": "Acme", "source": "fair", "industry": "retail"},
        {"kind": "person", "name": "王芳", "source": "shop", "tags": ["vip", "new"]},
        {"kind": "person", "name": "Zoë", "born_on": "1990-02-28", "tags": ["vip"]},
    ]
    made = [(await client.post("/customers", json=one)).json() for one in sent]
    child = {"kind": "organization", "name": "ACME West", "parent_id": made[0]["id"]}
    made.append((await client.post("/customers", json=child)).json())
    return {one["name"]: one["id"] for one in made}


def condition(field: str, op: str, value: object) -> dict[str, Any]:
    return {"kind": "condition", "field": field, "op": op, "value": value}


async def names(client: AsyncClient, filter: dict[str, Any], **more: object) -> list[str]:
    answer = await client.post("/customers/search", json={"filter": filter, **more})
    assert answer.status_code == 200, answer.text
    return sorted(one["name"] for one in answer.json()["data"])


@pytest.mark.parametrize(
    ("field", "op", "value", "found"),
    [
        ("source", "eq", "shop", ["王芳"]),
        ("source", "ne", "shop", ["ACME West", "Acme", "Zoë"]),
        ("source", "exists", False, ["ACME West", "Zoë"]),
        ("source", "in", ["shop", "fair"], ["Acme", "王芳"]),
        ("source", "not_in", ["shop", "fair"], ["ACME West", "Zoë"]),
        ("name", "contains", "acm", ["ACME West", "Acme"]),
        ("name", "starts_with", "王", ["王芳"]),
        ("name", "contains", "%", []),
        ("tags", "contains", "vip", ["Zoë", "王芳"]),
        ("tags", "in", ["new", "old"], ["王芳"]),
        ("tags", "not_in", ["new"], ["ACME West", "Acme", "Zoë"]),
        ("tags", "in", [], []),
        ("kind", "eq", "organization", ["ACME West", "Acme"]),
        ("born_on", "lt", "1990-03-01", ["Zoë"]),
        ("born_on", "lt", {"unit": "year", "ago": 1}, ["Zoë"]),
        ("created_at", "within_last", {"unit": "hour", "ago": 1}, None),
        ("created_at", "lt", {"unit": "day", "ago": 1}, []),
        ("parent.name", "eq", "Acme", ["ACME West"]),
        ("parent.source", "ne", "fair", ["Acme", "Zoë", "王芳"]),
        ("parent.industry", "exists", True, ["ACME West"]),
    ],
)
async def test_a_condition_finds_what_it_says(
    field: str,
    op: str,
    value: object,
    found: list[str] | None,
    client: AsyncClient,
    people: dict[str, str],
) -> None:
    wanted = sorted(people) if found is None else found
    assert await names(client, condition(field, op, value)) == wanted
    opposite: dict[str, Any] = {"kind": "none", "of": [condition(field, op, value)]}
    assert await names(client, opposite) == sorted(set(people) - set(wanted))


async def reckoned(client: AsyncClient, **asked: object) -> list[dict[str, Any]]:
    answer = await client.post("/customers/aggregate", json=asked)
    assert answer.status_code == 200, answer.text
    groups: list[dict[str, Any]] = answer.json()["groups"]
    return groups


async def test_customers_are_counted(client: AsyncClient, people: dict[str, str]) -> None:
    assert await reckoned(client) == [{"group": {}, "metrics": {"count": len(people)}}]


async def test_customers_are_counted_in_groups_the_largest_first(
    client: AsyncClient, people: dict[str, str]
) -> None:
    await client.post("/customers", json={"kind": "person", "name": "Wei", "source": "shop"})
    found = await reckoned(client, group_by=["source"], filter=condition("source", "exists", True))
    assert found == [
        {"group": {"source": "shop"}, "metrics": {"count": 2}},
        {"group": {"source": "fair"}, "metrics": {"count": 1}},
    ]


@pytest.mark.parametrize(
    ("period", "zone", "days"),
    [
        ("day", "Asia/Shanghai", ["2026-03-02", "2026-03-01"]),
        ("day", "UTC", ["2026-03-01"]),
        ("week", "Asia/Shanghai", ["2026-02-23", "2026-03-02"]),
        ("month", "America/New_York", ["2026-03-01"]),
        ("quarter", None, ["2026-01-01"]),
        ("year", None, ["2026-01-01"]),
    ],
)
async def test_times_are_gathered_by_periods_of_a_zone(
    period: str, zone: str | None, days: list[str], client: AsyncClient
) -> None:
    for at in ("2026-03-01T15:59:59Z", "2026-03-01T16:00:00Z"):
        sent = {"kind": "person", "name": "Wei", "acquired_at": at}
        await client.post("/customers", json=sent)
    asked = {"group_by": ["acquired_at"], "period": period, "time_zone": zone}
    found = await reckoned(client, **asked)
    assert sorted(one["group"]["acquired_at"] for one in found) == sorted(days)


async def test_figures_of_a_field_are_named_after_it(
    client: AsyncClient, people: dict[str, str]
) -> None:
    metrics = [
        {"op": "count", "field": "born_on"},
        {"op": "min", "field": "born_on"},
        {"op": "count_distinct", "field": "kind"},
    ]
    assert await reckoned(client, metrics=metrics) == [
        {
            "group": {},
            "metrics": {"count_born_on": 1, "min_born_on": "1990-02-28", "count_distinct_kind": 2},
        }
    ]


async def test_more_groups_than_asked_for_are_told_of(
    client: AsyncClient, people: dict[str, str]
) -> None:
    asked = {"group_by": ["name"], "limit": 2}
    answer = (await client.post("/customers/aggregate", json=asked)).json()
    assert (len(answer["groups"]), answer["more_groups"]) == (2, True)


async def test_a_total_is_told_where_it_is_asked_for(
    client: AsyncClient, people: dict[str, str]
) -> None:
    asked = {"filter": condition("kind", "eq", "organization"), "limit": 1, "include": ["total"]}
    found = (await client.post("/customers/search", json=asked)).json()
    assert found["total"] == {"value": 2, "relation": "eq"}
    listed = (await client.get("/customers?include=total&limit=1")).json()
    assert listed["total"] == {"value": 4, "relation": "eq"}
    assert "total" not in (await client.get("/customers")).json()


async def test_archived_customers_are_found_by_those_who_ask_for_them(
    client: AsyncClient, people: dict[str, str]
) -> None:
    await client.post(f"/customers/{people['Zoë']}/archive")
    filter = condition("tags", "contains", "vip")
    assert await names(client, filter) == ["王芳"]
    assert await names(client, filter, state=["live", "archived"]) == ["Zoë", "王芳"]


async def test_the_fields_that_may_be_asked_about_are_told(client: AsyncClient) -> None:
    told = (await client.get("/filter-fields?resource=customers")).json()
    fields = {one["field"]: one for one in told["fields"]}
    assert fields["kind"]["options"] == ["person", "organization"]
    assert fields["tags"]["operators"] == ["contains", "in", "not_in", "exists"]
    assert {"external_ids.{system}", "parent.name"} <= fields.keys()
    answer = await client.get("/filter-fields?resource=nobody")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?resource")


async def test_fields_are_told_to_those_who_may_read_the_records(caller: NewClient) -> None:
    client = await caller("tenant:read")
    answer = await client.get("/filter-fields?resource=customers")
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, ["customers:read"])
