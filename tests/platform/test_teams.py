"""Teams: users who work together."""

import asyncio
from typing import Any

from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused

from .test_business_units import unit
from .test_users import do
from .test_users import user as invited

Json = dict[str, Any]
PAIRS = """
SELECT (SELECT array_agg(user_id ORDER BY user_id) FROM team_members m WHERE m.team_id = t.id)
  IS NOT DISTINCT FROM (
    SELECT array_agg(substr(id, 5)::uuid ORDER BY substr(id, 5)::uuid) FROM unnest(t.member_ids) id
  ) AS same FROM teams t WHERE tenant_id = $1"""


async def team(client: AsyncClient, **said: Any) -> Json:
    answer = await client.post("/teams", json={"name": "Key accounts", **said})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def user(client: AsyncClient, name: str = "王芳", **said: Any) -> Json:
    return await invited(client, name=name, email=None, employee_number=None, **said)


async def change(client: AsyncClient, verb: str, of: Json, *users: Json) -> Json:
    said = {"user_ids": [one["id"] for one in users]}
    answer = await client.post(f"/teams/{of['id']}/{verb}-members", json=said)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def test_a_team_is_answered_as_it_was_said(client: AsyncClient) -> None:
    shop, lead = await unit(client, "Shop"), await user(client)
    made = await team(client, business_unit_id=shop["id"], lead_id=lead["id"])
    assert (made["business_unit_id"], made["lead_id"]) == (shop["id"], lead["id"])
    assert (made["member_ids"], made["state"]) == ([], "live")
    place = f"/teams/{made['id']}"
    assert (await client.get(place)).json() == made
    patched = (await client.patch(place, json={"name": "大客户", "lead_id": None})).json()
    assert (patched["name"], patched["lead_id"], patched["version"]) == ("大客户", None, 2)
    archived = (await client.post(f"{place}/archive")).json()
    assert archived["state"] == "archived"
    refused(await client.patch(place, json={"name": "A"}), 409, "conflict")
    assert (await client.post(f"{place}/restore")).json()["state"] == "live"


async def test_members_come_and_go_one_by_one(client: AsyncClient) -> None:
    made, one, two = await team(client), await user(client, "One"), await user(client, "Two")
    assert (await change(client, "add", made, two, one, two))["member_ids"] == [
        two["id"],
        one["id"],
    ]
    again = await change(client, "add", made, one)
    assert (again["member_ids"], again["version"]) == ([two["id"], one["id"]], 2)
    assert (await change(client, "remove", made, two))["member_ids"] == [one["id"]]
    same = await change(client, "remove", made, two)
    assert (same["member_ids"], same["version"]) == ([one["id"]], 3)


async def test_who_is_suspended_or_leaves_stays_a_member_and_who_has_left_does_not_become_one(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made, one, two = await team(client), await user(client, "One"), await user(client, "Two")
    for member in (one, two):
        await do(client, "activate", member)
    await change(client, "add", made, one)
    for verb in ("suspend", "depart"):
        await do(client, verb, one)
        found = (await client.get(f"/teams?member_id={one['id']}")).json()["data"]
        assert [item["member_ids"] for item in found] == [[one["id"]]]
    await do(client, "depart", two)
    unknown = f"usr_{'0' * 32}"
    async with nothing_changes():
        said = {"user_ids": [one["id"], two["id"], unknown]}
        answer = await client.post(f"/teams/{made['id']}/add-members", json=said)
    problem = refused(answer, 422, "unknown-reference")
    assert [error["pointer"] for error in problem["errors"]] == [
        "/user_ids/0",
        "/user_ids/1",
        "/user_ids/2",
    ]


async def test_teams_are_found_by_what_people_know_of_them(client: AsyncClient) -> None:
    east = await unit(client, "East")
    shop = await unit(client, "Shop", parent_id=east["id"])
    wang, hans = await user(client), await user(client, "Hans")
    sales = await team(client, name="大客户", business_unit_id=shop["id"], lead_id=wang["id"])
    sales = await change(client, "add", sales, wang, hans)
    other = await team(client, name="Service", business_unit_id=east["id"])
    other = await change(client, "add", other, hans)
    for query, wanted in (
        ({}, [other, sales]),
        ({"sort": "name"}, [sales, other]),
        ({"q": "da ke hu"}, [sales]),
        ({"business_unit_id": east["id"]}, [other]),
        ({"under": east["id"]}, [other, sales]),
        ({"under": shop["id"]}, [sales]),
        ({"lead_id": wang["id"]}, [sales]),
        ({"member_id": hans["id"]}, [other, sales]),
        ({"member_id": [wang["id"]]}, [sales]),
        ({"member_id": [wang["id"], hans["id"]]}, [other, sales]),
        ({"state": "archived"}, []),
    ):
        found = (await client.get("/teams", params=query)).json()["data"]
        assert found == wanted, query
    preview = await client.post(
        f"/business-units/{shop['id']}/preview-move", json={"parent_id": None}
    )
    assert preview.json()["residents"].items() >= {"user": 0, "team": 1}.items()


async def test_nobody_overwrites_whom_others_add_at_the_same_time(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]"
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    made = await team(client)
    users = [await user(client, f"U{number}") for number in range(20)]
    await asyncio.gather(*(change(client, "add", made, one) for one in users))
    await asyncio.gather(
        *(change(client, "remove", made, one) for one in users[::2]),
        *(change(client, "add", made, one) for one in users[1::2]),
    )
    told = (await client.get(f"/teams/{made['id']}")).json()
    assert set(told["member_ids"]) == {one["id"] for one in users[1::2]}
    assert await admin.fetchval(PAIRS, tenant.id) is True


async def test_a_team_has_five_hundred_members_at_most(
    caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    made, last = await team(client), await user(client)
    await admin.execute(
        "UPDATE teams SET member_ids = (SELECT array_agg('usr_' || lpad(to_hex(n), 32, '0')) "
        "FROM generate_series(1, 500) n) WHERE tenant_id = $1",
        tenant.id,
    )
    async with nothing_changes():
        said = {"user_ids": [last["id"]]}
        answer = await client.post(f"/teams/{made['id']}/add-members", json=said)
    refused(answer, 409, "conflict")
