"""Who sees deals, changes them, and may make them: by reach, by unit, and in place of others."""

from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import Unchanged
from tests.features.conftest import Done
from tests.features.test_customers import refused
from tests.grouping import Group, Person, ids, made

from .selling import act, acted, deal, pipeline, seen, wrong

Json = dict[str, Any]
UNITS = ("east", "shanghai", "hangzhou", "west")
SEES = {
    "own": set(),
    "team": set(),
    "unit": {"shanghai"},
    "subtree": {"shanghai"},
    "group": set(UNITS),
}


@pytest.fixture
async def sold(group: Group) -> dict[str, Json]:
    """A deal of each unit, with a customer of all of them."""
    await pipeline(group.admin)
    of = await group.customer(*UNITS)
    return {unit: await deal(group.admin, of, group.units[unit]) for unit in UNITS}


async def seller(group: Group, reach: str, unit: str = "shanghai") -> Person:
    role = await group.role(
        ("customers:read", "group"),
        ("deals:read", reach),
        ("deals:write", reach),
        ("pipelines:read", None),
        ("deals:reopen", None),
        ("events:read", None),
        ("audit:read", None),
    )
    return await group.hire(role, unit)


async def told_of(house: House, person: Person) -> set[str]:
    """Of which deals events tell."""
    await Sequencer(house.pool).number_all()
    answer = await person.client.get("/events", params={"limit": 200, "type": "deal.created"})
    assert answer.status_code == 200, answer.text
    return {event["object_id"] for event in answer.json()["data"]}


@pytest.mark.parametrize("reach", SEES)
async def test_a_reach_shows_deals_in_every_way_and_no_others(
    group: Group, sold: dict[str, Json], house: House, nothing_changes: Unchanged, reach: str
) -> None:
    person = await seller(group, reach)
    visible = {sold[unit]["id"] for unit in SEES[reach]}
    assert await person.sees("/deals") == visible
    assert ids(await person.client.post("/deals/search", json={})) == visible
    counted = await person.client.post("/deals/aggregate", json={"group_by": []})
    figures = [row["metrics"]["count"] for row in counted.json()["groups"]]
    assert sum(figures) == len(visible)
    assert await told_of(house, person) == visible
    for one in sold.values():
        place, there = f"/deals/{one['id']}", one["id"] in visible
        reads = [await person.client.get(f"{place}{path}") for path in PATHS]
        assert {answer.status_code for answer in reads} == {200 if there else 404}
        if there:
            assert (await act(person.client, one, "move", stage="needs")).status_code == 200
            continue
        async with nothing_changes():
            for answer in (
                await person.client.patch(place, json={"name": "B"}),
                await person.client.post(f"{place}/archive"),
                await act(person.client, one, "move", stage="needs"),
                await act(person.client, one, "win"),
                await act(person.client, one, "lose", reason="price"),
                await act(person.client, one, "reopen", reason="x"),
            ):
                refused(answer, 404, "not-found")


PATHS = ("", "/history", "/transitions", "/stage-history", "?expand=customer")


async def test_who_reaches_a_branch_sees_the_deals_of_all_units_in_it(
    group: Group, sold: dict[str, Json]
) -> None:
    above = await seller(group, "subtree", "east")
    assert await above.sees("/deals") == {sold[unit]["id"] for unit in UNITS[:3]}
    alone = await seller(group, "unit", "east")
    assert await alone.sees("/deals") == {sold["east"]["id"]}


async def test_owners_and_collaborators_see_their_deals_wherever_they_are(
    group: Group, sold: dict[str, Json]
) -> None:
    owner, mate = await seller(group, "own"), await seller(group, "own")
    far = f"/deals/{sold['west']['id']}"
    given = {"owner_id": owner.id, "collaborator_ids": [mate.id]}
    assert (await group.admin.patch(far, json=given)).status_code == 200
    for person in (owner, mate):
        assert await person.sees("/deals") == {sold["west"]["id"]}
        assert (await person.client.patch(far, json={"name": person.id})).status_code == 200
    gone = {"collaborator_ids": [mate.id]}
    left = await owner.client.post(f"{far}/remove-collaborators", json=gone)
    assert left.status_code == 200
    assert (await owner.sees("/deals"), await mate.sees("/deals")) == (
        {sold["west"]["id"]},
        set(),
    )
    away = await owner.client.patch(far, json={"owner_id": mate.id})
    assert away.json()["owner_id"] == mate.id
    assert (await owner.sees("/deals"), await mate.sees("/deals")) == (
        set(),
        {sold["west"]["id"]},
    )


async def test_a_team_sees_the_deals_of_its_members(group: Group, sold: dict[str, Json]) -> None:
    person, mate = await seller(group, "team"), await seller(group, "own")
    team = await made(group.admin, "/teams", {"name": "Key accounts"})
    members = {"user_ids": [person.id, mate.id]}
    added = await group.admin.post(f"/teams/{team['id']}/add-members", json=members)
    assert added.status_code == 200, added.text
    place = f"/deals/{sold['west']['id']}"
    await group.admin.patch(place, json={"owner_id": mate.id})
    fresh = await group.key_for(person.id)
    assert ids(await fresh.get("/deals")) == {sold["west"]["id"]}


async def test_who_reads_a_unit_and_writes_his_own_changes_his_own(
    group: Group, sold: dict[str, Json], nothing_changes: Unchanged
) -> None:
    role = await group.role(
        ("customers:read", "group"),
        ("deals:read", "unit"),
        ("deals:write", "own"),
        ("pipelines:read", None),
    )
    person = await group.hire(role)
    theirs = sold["shanghai"]
    assert await person.sees("/deals") == {theirs["id"]}
    async with nothing_changes():
        for answer in (
            await person.client.patch(f"/deals/{theirs['id']}", json={"name": "B"}),
            await act(person.client, theirs, "win"),
        ):
            refused(answer, 403, "forbidden")
    told = (await person.client.get(f"/deals/{theirs['id']}/transitions")).json()
    assert told["moves"]


async def test_who_reaches_his_own_makes_deals_of_his_own(
    group: Group, sold: dict[str, Json], nothing_changes: Unchanged
) -> None:
    person, mate = await seller(group, "own"), await seller(group, "own")
    body = {"name": "A", "customer_id": sold["west"]["customer_id"]}
    async with nothing_changes():
        for said in ({"owner_id": mate.id}, {"owner_id": None}):
            answer = await person.client.post("/deals", json={**body, **said})
            assert wrong(answer) == [("/owner_id", "not_yours")]
        for unit in ("west", "hangzhou", "east"):
            said = {"business_unit_id": group.units[unit]}
            answer = await person.client.post("/deals", json={**body, **said})
            assert wrong(answer) == [("/business_unit_id", "not_yours")]
    own = await made(person.client, "/deals", body)
    assert (own["owner_id"], own["business_unit_id"]) == (person.id, group.units["shanghai"])
    both = {"owner_id": mate.id, "collaborator_ids": [person.id]}
    shared = await made(person.client, "/deals", {**body, **both})
    assert await person.sees("/deals") == {own["id"], shared["id"]}
    assert await mate.sees("/deals") == {shared["id"]}


async def test_who_reaches_units_makes_deals_in_them(
    group: Group, sold: dict[str, Json], nothing_changes: Unchanged
) -> None:
    above = await seller(group, "subtree", "east")
    body = {"name": "A", "customer_id": sold["west"]["customer_id"]}
    for unit in ("east", "shanghai"):
        there = {"business_unit_id": group.units[unit]}
        created = await made(above.client, "/deals", {**body, **there, "owner_id": None})
        assert created["business_unit_id"] == group.units[unit]
    assert (await made(above.client, "/deals", body))["business_unit_id"] == group.units["east"]
    async with nothing_changes():
        there = {"business_unit_id": group.units["west"]}
        answer = await above.client.post("/deals", json={**body, **there})
        assert wrong(answer) == [("/business_unit_id", "not_yours")]
    two = await group.hire("sales", "shanghai")
    await group.give(two, "sales", "west")
    both = await group.key_for(two.id)
    async with nothing_changes():
        assert wrong(await both.post("/deals", json=body)) == [("/business_unit_id", "missing")]


async def test_a_request_for_a_unit_sees_and_makes_what_is_of_it(
    group: Group, sold: dict[str, Json], nothing_changes: Unchanged
) -> None:
    above = await seller(group, "subtree", "east")
    body = {"name": "A", "customer_id": sold["west"]["customer_id"]}
    for client in (group.admin, above.client):
        at = group.at("hangzhou")
        assert ids(await client.get("/deals", headers=at)) == {sold["hangzhou"]["id"]}
        created = (await client.post("/deals", json=body, headers=at)).json()
        assert created["business_unit_id"] == group.units["hangzhou"]
        await client.post(f"/deals/{created['id']}/archive")
        async with nothing_changes():
            missing = await client.get(f"/deals/{sold['shanghai']['id']}", headers=at)
            refused(missing, 404, "not-found")
            place = f"/deals/{sold['shanghai']['id']}/win"
            headers = {**at, **seen(sold["shanghai"])}
            refused(await client.post(place, json={}, headers=headers), 404, "not-found")
            elsewhere = {**body, "business_unit_id": group.units["shanghai"]}
            answer = await client.post("/deals", json=elsewhere, headers=at)
            assert wrong(answer) == [("/business_unit_id", "not_yours")]


async def test_nobody_makes_a_deal_with_a_customer_whom_he_does_not_see(
    group: Group, sold: dict[str, Json], nothing_changes: Unchanged
) -> None:
    hidden, mine = await group.customer("west"), await group.customer("shanghai")
    manager = await group.hire("unit_manager")
    own = await made(manager.client, "/deals", {"name": "A", "customer_id": mine})
    nobody = [("/customer_id", "unknown_reference")]
    stranger = [("/contacts/0/customer_id", "unknown_reference")]
    async with nothing_changes():
        for customer in (hidden, f"cus_{'f' * 32}"):
            body = {"name": "A", "customer_id": customer}
            assert wrong(await manager.client.post("/deals", json=body)) == nobody
            place = f"/deals/{own['id']}"
            answer = await manager.client.patch(place, json={"customer_id": customer})
            assert wrong(answer) == nobody
            contacts = {"contacts": [{"customer_id": customer}]}
            assert wrong(await manager.client.patch(place, json=contacts)) == stranger
    await group.admin.patch(f"/deals/{own['id']}", json={"customer_id": hidden})
    read = await manager.client.get(f"/deals/{own['id']}", params={"expand": "customer"})
    assert (read.json()["customer_id"], read.json()["customer"]) == (hidden, None)
    named = {"kind": "condition", "field": "customer.name", "op": "exists", "value": True}
    found = await manager.client.post("/deals/search", json={"filter": named})
    assert ids(found) == {sold["shanghai"]["id"]}
    kept = await manager.client.patch(f"/deals/{own['id']}", json={"customer_id": hidden})
    assert kept.status_code == 200  # as it was
    assert await manager.sees() >= {mine}
    assert hidden not in await manager.sees()  # a deal gives nobody sight of its customer


ROLES: list[tuple[str, set[str], bool, bool]] = [
    ("unit_manager", {"east", "shanghai", "hangzhou"}, True, True),
    ("sales", set(), True, False),
    ("service_agent", {"east"}, False, False),
    ("finance", {"east", "shanghai", "hangzhou"}, False, False),
    ("integration", {"east", "shanghai", "hangzhou"}, True, False),
    ("auditor", set(UNITS), False, False),
    ("group_administrator", set(UNITS), True, True),
]


@pytest.mark.parametrize(("role", "sees", "writes", "reopens"), ROLES)
async def test_a_role_of_the_product_works_with_deals(
    group: Group, sold: dict[str, Json], role: str, sees: set[str], writes: bool, reopens: bool
) -> None:
    person = await group.hire(role, "east")
    place = f"/deals/{sold['east']['id']}"
    if role == "sales":
        assert await person.sees("/deals") == set()
        given = await group.admin.patch(place, json={"owner_id": person.id})
        sees, sold["east"] = {"east"}, given.json()
    assert await person.sees("/deals") == {sold[unit]["id"] for unit in sees}
    assert (await person.client.get("/pipelines")).status_code == 200
    refused(await person.client.patch("/pipelines/x", json={}), 404, "not-found")
    answer = await act(person.client, sold["east"], "win")
    assert answer.status_code == (200 if writes else 403)
    won = answer.json() if writes else await acted(group.admin, sold["east"], "win")
    answer = await act(person.client, won, "reopen", reason="x")
    assert answer.status_code == (200 if reopens else 403)


async def test_a_marketer_sees_no_deals_and_may_read_pipelines(
    group: Group, sold: dict[str, Json], nothing_changes: Unchanged
) -> None:
    person = await group.hire("marketer", "east")
    assert len(ids(await person.client.get("/pipelines"))) == 1
    async with nothing_changes():
        for path in ("/deals", f"/deals/{sold['east']['id']}"):
            refused(await person.client.get(path), 403, "forbidden")


async def test_who_leaves_hands_his_open_deals_to_others_and_keeps_what_he_closed(
    group: Group, sold: dict[str, Json], client: AsyncClient, done: Done
) -> None:
    person, heir = await group.hire("sales"), await group.hire("sales")
    for unit in ("shanghai", "west"):
        owned = {"owner_id": person.id}
        sold[unit] = (await client.patch(f"/deals/{sold[unit]['id']}", json=owned)).json()
    await acted(client, sold["west"], "win")
    rules = {"rules": [{"to_user_id": heir.id}]}
    place = f"/users/{person.id}/preview-handover"
    preview = await client.post(place, json=rules)
    assert preview.status_code == 200, preview.text
    (owner,) = [
        one for one in preview.json()["roles"] if (one["noun"], one["role"]) == ("deal", "owner")
    ]
    assert (owner["to"], owner["read_only"]) == ([{"user_id": heir.id, "records": 1}], 1)
    mate = {"collaborator_ids": [person.id]}
    await client.patch(f"/deals/{sold['east']['id']}", json=mate)
    await done(client, await client.post(f"/users/{person.id}/handover", json=rules))
    now = {unit: (await client.get(f"/deals/{one['id']}")).json() for unit, one in sold.items()}
    owners = (now["shanghai"]["owner_id"], now["west"]["owner_id"])
    assert owners == (heir.id, person.id)
    assert now["east"]["collaborator_ids"] == [heir.id]
    assert await heir.sees("/deals") == {now[unit]["id"] for unit in ("shanghai", "east")}
