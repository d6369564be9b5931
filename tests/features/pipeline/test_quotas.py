"""What is to be won, as a sales manager enters it."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.grouping import grown, ids

from .selling import money, unit, user

Json = dict[str, Any]
QUOTA: Json = {"period": "quarter", "starts_on": "2026-10-01", "amount": money("50000")}


async def test_a_quota_is_entered_corrected_and_deleted(client: AsyncClient) -> None:
    owner = await user(client)
    entered = await client.post("/quotas", json={**QUOTA, "user_id": owner})
    assert entered.status_code == 201, entered.text
    quota = entered.json()
    whole = {**QUOTA, "user_id": owner, "business_unit_id": None, "amount": money("50000.00")}
    assert quota == quota | whole
    place = f"/quotas/{quota['id']}"
    assert (await client.get(place)).content == entered.content
    corrected = await client.patch(place, json={"amount": money("60000")})
    assert (corrected.json()["version"], corrected.json()["amount"]) == (2, money("60000.00"))
    assert (await client.patch(place, json={})).json()["version"] == 2
    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404


@pytest.mark.parametrize(
    ("said", "code", "pointer"),
    [
        ({"starts_on": "2026-11-01"}, "not_first_day", "/starts_on"),
        ({"period": "month", "starts_on": "2026-11-02"}, "not_first_day", "/starts_on"),
        ({"period": "year", "starts_on": "2026-10-01"}, "not_first_day", "/starts_on"),
        ({"amount": money("1", "EUR")}, "other_currency", "/amount/currency"),
        ({"amount": money("0")}, "amount_not_positive", "/amount"),
        ({"amount": money("-1")}, "amount_not_positive", "/amount"),
        ({"user_id": f"usr_{'f' * 32}"}, "unknown_reference", "/user_id"),
        ({"business_unit_id": f"bun_{'f' * 32}"}, "unknown_reference", "/business_unit_id"),
        ({"period": "week"}, "enum", "/period"),
    ],
)
async def test_what_makes_no_quota_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, code: str, pointer: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/quotas", json={**QUOTA, **said})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["pointer"]) == (422, code, pointer)


async def test_there_is_one_quota_of_a_kind_in_a_period(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    at = await unit(client)
    for of in ({}, {"business_unit_id": at}, {"user_id": await user(client)}):
        first = (await client.post("/quotas", json={**QUOTA, **of})).json()
        async with nothing_changes():
            again = await client.post("/quotas", json={**QUOTA, **of})
        problem = again.json()
        assert (again.status_code, problem["code"]) == (409, "duplicate-value")
        assert problem["existing"] == {"object": "quota", "id": first["id"]}


async def test_quotas_are_found_by_whose_they_are_and_when(client: AsyncClient) -> None:
    above = await unit(client)
    below, owner = await unit(client, "Shop", parent_id=above), await user(client)
    made = {}
    for name, of in {
        "group": {},
        "above": {"business_unit_id": above},
        "below": {"business_unit_id": below, "period": "month"},
        "owner": {"user_id": owner, "starts_on": "2026-07-01"},
    }.items():
        answer = await client.post("/quotas", json={**QUOTA, **of})
        made[name] = answer.json()["id"]
    asked: list[tuple[Json, list[str]]] = [
        ({}, ["group", "above", "below", "owner"]),
        ({"business_unit_id": above}, ["above"]),
        ({"under": above}, ["above", "below"]),
        ({"user_id": owner}, ["owner"]),
        ({"period": "month"}, ["below"]),
        ({"starts_on__gte": "2026-08-01"}, ["group", "above", "below"]),
        ({"starts_on__lt": "2026-08-01"}, ["owner"]),
    ]
    for query, names in asked:
        found = ids(await client.get("/quotas", params=query))
        assert found == {made[name] for name in names}, query


async def test_a_manager_sees_and_sets_those_of_his_units(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group = await grown(client, with_key)
    role = await group.role(("quotas:read", "subtree"), ("quotas:write", "subtree"))
    manager = await group.hire(role, "east")
    mine = {**QUOTA, "business_unit_id": group.units["shanghai"]}
    made = (await manager.client.post("/quotas", json=mine)).json()
    await client.post("/quotas", json={**QUOTA, "business_unit_id": group.units["west"]})
    assert await manager.sees("/quotas") == {made["id"]}
    async with nothing_changes():
        others = await manager.client.post(
            "/quotas", json={**QUOTA, "business_unit_id": group.units["west"]}
        )
        everybodys = await manager.client.post("/quotas", json=QUOTA)
    assert [others.status_code, everybodys.status_code] == [422, 422]
    assert everybodys.json()["errors"][0]["code"] == "not_yours"
