"""Who sees which activities, for which units they are, and who takes them over."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.features.conftest import Done
from tests.features.test_customers import refused
from tests.grouping import Group, Person, grown, ids, made

from .desk import Json, ago


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


def planned(**said: Any) -> Json:
    return {"kind": "call", "subject": "Spring order", "starts_at": ago(hours=1), **said}


async def plan(person: Person, **said: Any) -> str:
    return str((await made(person.client, "/activities", planned(**said)))["id"])


async def test_each_sees_what_his_roles_reach(group: Group) -> None:
    one, other = await group.hire("sales"), await group.hire("sales")
    mine = await plan(one)
    shared = await plan(other, collaborator_ids=[one.id])
    theirs = await plan(other)
    west = await plan(await group.hire("unit_manager", "west"))
    assert await one.sees("/activities") == {mine, shared}
    assert await one.sees("/activities/due") == {mine, shared}
    assert await other.sees("/activities") == {shared, theirs}
    for role, unit, seen in (
        ("service_agent", "shanghai", {mine, shared, theirs}),
        ("unit_manager", "east", {mine, shared, theirs}),
        ("finance", "east", {mine, shared, theirs}),
        ("integration", "hangzhou", set()),
        ("auditor", None, {mine, shared, theirs, west}),
    ):
        assert await (await group.hire(role, unit)).sees("/activities") == seen, role
    marketer = await group.hire("marketer")
    refused(await marketer.client.get("/activities"), 403, "forbidden")


async def test_an_activity_is_of_the_unit_and_the_user_who_make_it(
    group: Group, nothing_changes: Unchanged
) -> None:
    sales, colleague = await group.hire("sales"), await group.hire("sales")
    mine = await made(sales.client, "/activities", planned())
    assert (mine["owner_id"], mine["business_unit_id"]) == (sales.id, group.units["shanghai"])
    wrong: list[tuple[Json, str]] = [
        ({"business_unit_id": group.units["west"]}, "/business_unit_id"),
        ({"owner_id": colleague.id}, "/owner_id"),
        ({"owner_id": None}, "/owner_id"),
    ]
    async with nothing_changes():
        for said, pointer in wrong:
            answer = await sales.client.post("/activities", json=planned(**said))
            problem = refused(answer, 422, "validation-failed")
            assert [e["pointer"] for e in problem["errors"]] == [pointer]
        nowhere = refused(
            await group.admin.post("/activities", json=planned()), 422, "validation-failed"
        )
    assert nowhere["errors"][0]["pointer"] == "/business_unit_id"
    for_both = planned(owner_id=colleague.id, collaborator_ids=[sales.id])
    assert (await made(sales.client, "/activities", for_both))["owner_id"] == colleague.id
    manager = await group.hire("unit_manager", "east")
    given = planned(owner_id=sales.id, business_unit_id=group.units["shanghai"])
    assert (await made(manager.client, "/activities", given))["id"] in await sales.sees(
        "/activities"
    )


async def test_who_may_only_read_changes_nothing(group: Group, nothing_changes: Unchanged) -> None:
    id = await plan(await group.hire("sales"))
    role = await group.role(("activities:read", "unit"), ("activities:write", "own"))
    looker, stranger = await group.hire(role), await group.hire("unit_manager", "west")
    async with nothing_changes():
        for person, status, code in ((looker, 403, "forbidden"), (stranger, 404, "not-found")):
            place = f"/activities/{id}"
            for answer in (
                await person.client.patch(place, json={"subject": "Mine"}),
                await person.client.post(f"{place}/complete", json={}),
                await person.client.post(f"{place}/miss"),
                await person.client.post(
                    f"{place}/add-collaborators", json={"collaborator_ids": [person.id]}
                ),
            ):
                refused(answer, status, code)


async def test_customers_whom_one_does_not_see_are_not_there_to_be_called(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs, mine = await group.customer("west"), await group.customer("shanghai")
    manager = await group.hire("unit_manager")
    async with nothing_changes():
        for said in ({"customer_id": theirs}, {"customer_id": mine, "contact_id": theirs}):
            answer = await manager.client.post("/activities", json=planned(**said))
            refused(answer, 422, "unknown-reference")
    id = await plan(manager, customer_id=mine)
    assert ids(await manager.client.get("/activities", params={"customer_id": mine})) == {id}


async def test_what_is_planned_goes_to_a_successor_and_what_was_done_stays(
    group: Group, done: Done
) -> None:
    leaving, heir, mate = [await group.hire("sales") for _ in range(3)]
    open_one = await plan(leaving)
    shared = await plan(mate, collaborator_ids=[leaving.id])
    past = await plan(leaving)
    await made(leaving.client, f"/activities/{past}/complete", {}, 200)
    rules = {"rules": [{"to_user_id": heir.id}]}
    job = await done(
        group.admin, await group.admin.post(f"/users/{leaving.id}/handover", json=rules)
    )
    assert job["state"] == "succeeded"
    owners = {
        id: (await group.admin.get(f"/activities/{id}")).json() for id in (open_one, shared, past)
    }
    assert owners[open_one]["owner_id"] == heir.id
    assert owners[shared]["collaborator_ids"] == [heir.id]
    assert owners[past]["owner_id"] == leaving.id
    assert await heir.sees("/activities") == {open_one, shared}
    assert await leaving.sees("/activities") == {past}
