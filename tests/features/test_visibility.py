"""Who sees which customers: in whatever way somebody asks, what he does not see is not there."""

from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import Unchanged, WithKey
from tests.grouping import Group, grown, ids, made

from .test_customers import refused

Json = dict[str, Any]
BY_NAME = {"filter": {"kind": "condition", "field": "name", "op": "contains", "value": "Customer"}}
UNKNOWN = "cus_019a2b7c4d5e7f60a1b2c3d4e5f60718"


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


async def test_each_sees_what_the_unit_knows_and_the_administrator_sees_all(group: Group) -> None:
    shanghai, west = await group.customer("shanghai"), await group.customer("west")
    both, nobodys = await group.customer("shanghai", "west"), await group.customer()
    for unit, seen in {
        "shanghai": {shanghai, both},
        "hangzhou": set(),
        "east": {shanghai, both},
        "west": {west, both},
        "group": {shanghai, west, both},
    }.items():
        assert await (await group.hire("unit_manager", unit)).sees() == seen, unit
    everything = await group.hire("group_administrator", None)
    assert await everything.sees() == {shanghai, west, both, nobodys}
    assert await (await group.hire("auditor", None)).sees() == {shanghai, west, both, nobodys}


async def test_sales_see_what_they_own_or_work_on(group: Group) -> None:
    one, other = await group.hire("sales"), await group.hire("sales")
    owned, shared = await group.customer("shanghai"), await group.customer("shanghai")
    await group.profile(owned, "shanghai", owner_id=one.id)
    await group.profile(shared, "shanghai", owner_id=other.id, collaborator_ids=[one.id])
    assert await one.sees() == {owned, shared}
    assert await other.sees() == {shared}
    await group.profile(owned, "shanghai", owner_id=other.id)
    await group.profile(shared, "shanghai", collaborator_ids=[])
    assert await one.sees() == set()


async def test_a_team_sees_what_its_members_own(group: Group) -> None:
    role = await group.role(("customers:read", "team"))
    boss, mate, stranger = [await group.hire(role) for _ in range(3)]
    mine = await group.customer("shanghai")
    await group.profile(mine, "shanghai", owner_id=mate.id)
    team = await made(group.admin, "/teams", {"name": "Key accounts", "lead_id": boss.id})
    place = f"/teams/{team['id']}/add-members"
    await made(group.admin, place, {"user_ids": [mate.id]}, 200)
    fresh = [await group.key_for(one.id) for one in (boss, mate, stranger)]
    seen = [ids(await client.get("/customers")) for client in fresh]
    assert seen == [{mine}, {mine}, set()]


async def test_no_way_of_asking_finds_what_one_does_not_see(
    group: Group, nothing_changes: Unchanged
) -> None:
    keys = {"external_ids": {"erp": "4711"}, "tags": ["vip"]}
    theirs = await group.customer("west", name="Customer Zhang", **keys)
    await group.profile(theirs, "west", grade=None)
    mine = await group.customer("shanghai")
    manager = (await group.hire("unit_manager")).client
    async with nothing_changes():
        for path in (theirs, f"{theirs}/history", f"{theirs}?as_of=2099-01-01T00:00:00Z"):
            foreign = await manager.get(f"/customers/{path}")
            unknown = await manager.get(f"/customers/{path.replace(theirs, UNKNOWN)}")
            assert (foreign.status_code, unknown.status_code) == (404, 404), path
            assert alike(foreign.json(), theirs) == alike(unknown.json(), UNKNOWN)
        assert (await manager.get("/customers/external/erp/4711")).status_code == 404
        assert ids(await manager.get("/customers", params={"q": "zhang"})) == set()
        assert ids(await manager.get("/customers", params={"tag": "vip"})) == set()
        assert ids(await manager.get("/customers", params={"sort": "name"})) == {mine}
        listed = (await manager.get("/customers", params={"include": "total"})).json()
        assert listed["total"]["value"] == 1
        assert ids(await manager.post("/customers/search", json=BY_NAME)) == {mine}
        both = await manager.post("/customers/batch-get", json={"ids": [theirs, mine]})
        assert both.json()["missing"] == [theirs]
        counted = (await manager.post("/customers/aggregate", json={})).json()
        assert [one["metrics"] for one in counted["groups"]] == [{"count": 1}]
        for answer in (
            await manager.patch(f"/customers/{theirs}", json={"name": "Mine now"}),
            await manager.post(f"/customers/{theirs}/archive"),
            await manager.post(f"/customers/{theirs}/add-tags", json={"tags": ["a"]}),
            await manager.get(f"/customers/{theirs}/unit-profiles"),
            await manager.get(f"/customers/{theirs}/unit-profiles/{group.units['west']}"),
            await manager.patch(
                f"/customers/{theirs}/unit-profiles/{group.units['shanghai']}", json={}
            ),
        ):
            refused(answer, 404, "not-found")


async def test_who_sees_not_all_is_not_told_of_others_by_what_they_refer_to(group: Group) -> None:
    theirs = await group.customer("west", kind="organization", source="secret_fair")
    mine = await group.customer("shanghai", kind="organization", parent_id=theirs)
    manager = (await group.hire("unit_manager")).client
    shown = await manager.get(f"/customers/{mine}", params={"expand": "parent"})
    assert shown.json()["parent"] is None
    asked = {"kind": "condition", "field": "parent.source", "op": "eq", "value": "secret_fair"}
    assert ids(await manager.post("/customers/search", json={"filter": asked})) == set()
    assert ids(await group.admin.post("/customers/search", json={"filter": asked})) == {mine}
    refused(
        await manager.post(
            "/customers", json={"kind": "organization", "name": "Below", "parent_id": theirs}
        ),
        422,
        "unknown-reference",
    )


async def test_a_value_that_somebody_has_is_taken_and_does_not_tell_who_has_it(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs = await group.customer("west", external_ids={"erp": "4711"})
    manager = (await group.hire("unit_manager")).client
    body = {"kind": "person", "name": "Anna"}
    async with nothing_changes():
        taken = await manager.patch("/customers/external/erp/4711", json=body)
        assert "existing" not in refused(taken, 409, "duplicate-value")
        twice = await manager.post("/customers", json={**body, "external_ids": {"erp": "4711"}})
        assert "existing" not in refused(twice, 409, "duplicate-value")
        told = await group.admin.post("/customers", json={**body, "external_ids": {"erp": "4711"}})
        assert refused(told, 409, "duplicate-value")["existing"]["id"] == theirs


async def test_what_one_makes_is_of_the_unit_that_one_works_in(group: Group) -> None:
    manager, sales = await group.hire("unit_manager"), await group.hire("sales")
    managed = await made(manager.client, "/customers", {"kind": "person", "name": "M"})
    sold = await made(sales.client, "/customers", {"kind": "person", "name": "S"})
    assert await sales.sees() == {sold["id"]}
    assert await manager.sees() == {managed["id"], sold["id"]}
    listed = (await manager.client.get("/unit-profiles")).json()["data"]
    told = {one["customer_id"]: (one["business_unit_id"], one["owner_id"]) for one in listed}
    shanghai = group.units["shanghai"]
    assert told == {managed["id"]: (shanghai, None), sold["id"]: (shanghai, sales.id)}


async def test_who_works_in_several_units_says_for_which_something_is(
    group: Group, nothing_changes: Unchanged
) -> None:
    manager = await group.hire("unit_manager", "shanghai")
    await group.give(manager, "unit_manager", "west")
    fresh, body = await group.key_for(manager.id), {"kind": "person", "name": "Anna"}
    async with nothing_changes():
        problem = refused(await fresh.post("/customers", json=body), 422, "validation-failed")
        assert problem["errors"][0]["pointer"] == "header:Crm-Business-Unit"
    there = await fresh.post("/customers", json=body, headers=group.at("west"))
    assert there.status_code == 201
    assert ids(await fresh.get("/customers", headers=group.at("west"))) == {there.json()["id"]}
    assert ids(await fresh.get("/customers", headers=group.at("shanghai"))) == set()


async def test_a_request_is_narrowed_to_a_unit_and_those_below_it(group: Group) -> None:
    shanghai, west = await group.customer("shanghai"), await group.customer("west")
    nobodys = await group.customer()
    manager = await group.hire("unit_manager", "east")
    for client in (group.admin, manager.client):
        assert ids(await client.get("/customers", headers=group.at("east"))) == {shanghai}
        assert ids(await client.get("/customers", headers=group.at("hangzhou"))) == set()
    assert ids(await group.admin.get("/customers", headers=group.at("group"))) == {shanghai, west}
    hidden = await group.admin.get(f"/customers/{nobodys}", headers=group.at("group"))
    assert hidden.status_code == 404
    for unit in (group.units["west"], UNKNOWN.replace("cus", "bun"), "cus" + UNKNOWN[3:], "x"):
        answer = await manager.client.get("/customers", headers={"Crm-Business-Unit": unit})
        refused(answer, 422, "validation-failed")


async def test_reading_is_not_changing(group: Group, nothing_changes: Unchanged) -> None:
    role = await group.role(("customers:read", "subtree"), ("customers:write", "own"))
    person = await group.hire(role, "east")
    seen, owned = await group.customer("shanghai"), await group.customer("shanghai")
    await group.profile(owned, "shanghai", owner_id=person.id)
    assert await person.sees() == {seen, owned}
    named = {"external_ids": {"erp": "4711"}}
    assert (await group.admin.patch(f"/customers/{seen}", json=named)).status_code == 200
    async with nothing_changes():
        for place in (seen, "external/erp/4711", "external/erp/4711?if_missing=fail"):
            answer = await person.client.patch(f"/customers/{place}", json={"name": "X"})
            refused(answer, 403, "forbidden")
    changed = await person.client.patch(f"/customers/{owned}", json={"name": "X"})
    assert changed.status_code == 200


async def test_what_a_unit_knows_of_a_customer_is_for_that_unit(
    group: Group, nothing_changes: Unchanged
) -> None:
    shared = await group.customer("shanghai", "west")
    manager = (await group.hire("unit_manager")).client
    listed = (await manager.get(f"/customers/{shared}/unit-profiles")).json()["data"]
    assert [one["business_unit_id"] for one in listed] == [group.units["shanghai"]]
    place = f"/customers/{shared}/unit-profiles/{group.units['west']}"
    async with nothing_changes():
        refused(await manager.get(place), 404, "not-found")
        refused(await manager.patch(place, json={"credit_days": 30}), 404, "not-found")
        other = place.replace(group.units["west"], group.units["hangzhou"])
        refused(await manager.patch(other, json={}), 404, "not-found")


async def test_the_feed_tells_of_what_one_sees(group: Group, house: House) -> None:
    mine, theirs = await group.customer("shanghai"), await group.customer("west")
    await Sequencer(house.pool).number_all()
    integration = (await group.hire("integration")).client
    told = (await integration.get("/events", params={"limit": 200})).json()["data"]
    about = {event["object_id"] for event in told}
    assert about >= {mine}
    assert theirs not in about
    profiles = [e["data"] for e in told if e["type"] == "unit_profile.created"]
    assert {one["business_unit_id"] for one in profiles} == {group.units["shanghai"]}
    every = (await group.admin.get("/events", params={"limit": 200})).json()["data"]
    assert {mine, theirs} <= {event["object_id"] for event in every}
    hidden = next(event["id"] for event in every if event["object_id"] == theirs)
    assert (await integration.get(f"/events/{hidden}")).status_code == 404


def alike(problem: Json, id: str) -> Json:
    """A problem without what names the request."""
    return {k: v.replace(id, "") if isinstance(v, str) else v for k, v in problem.items()} | {
        "request_id": ""
    }
