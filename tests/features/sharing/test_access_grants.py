"""A unit sees a customer of others: from when, until when, how far, and on what basis."""

import asyncio
from typing import Any

import pytest

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import Unchanged
from tests.features.conftest import Done
from tests.features.test_customers import refused
from tests.grouping import Group, ids, made

from .asking import BASIS, CONTACT, UNKNOWN, ahead, decided, granted, requested
from .conftest import Later

Json = dict[str, Any]


async def entities(group: Group) -> None:
    """East and west belong to different companies."""
    for unit in ("east", "west"):
        company = await made(group.admin, "/legal-entities", {"name": unit, "country": "CN"})
        place = f"/business-units/{group.units[unit]}/move"
        await made(group.admin, place, {"legal_entity_id": company["id"]}, 200)


async def test_a_grant_shows_a_customer_in_every_way(
    group: Group, house: House, done: Done
) -> None:
    theirs = await group.customer("west", name="Customer Wang", **CONTACT)
    role = await group.role(
        ("customers:read", "subtree"),
        ("unit_profiles:read", "subtree"),
        ("access_grants:read", "subtree"),
        ("audit:read", None),
        ("events:read", None),
        ("customers:export", None),
        ("exports:read", None),
        ("jobs:read", None),
        ("jobs:write", None),
    )
    person, other = await group.hire(role, "east"), await group.hire(role, "hangzhou")
    grant = await granted(group, theirs, "shanghai")
    assert (grant["state"], grant["level"], grant["until"], grant["user_id"]) == (
        "active",
        "read",
        None,
        None,
    )
    await Sequencer(house.pool).number_all()
    assert await person.sees() == {theirs}
    assert await person.sees(q="wang") == {theirs}
    assert (await person.client.get(f"/customers/{theirs}")).status_code == 200
    history = (await person.client.get(f"/customers/{theirs}/history")).json()["data"]
    assert [record["type"] for record in history] == ["customer.created"]
    told = (await person.client.get("/events", params={"limit": 200})).json()["data"]
    assert {event["object_id"] for event in told} >= {theirs, grant["id"]}
    ndjson = {"resource": "customers", "format": "ndjson"}
    started = await person.client.post("/exports", json=ndjson)
    job = await done(person.client, started)
    exported = await person.client.get(f"/jobs/{job['id']}/result")
    assert theirs in exported.text
    assert await person.sees("/access-grants") == {grant["id"]}
    found = await made(person.client, "/customers/resolve", {"email": "wang.fang@example.com"}, 200)
    assert [one["id"] for one in found["data"]] == [theirs]
    assert await person.sees(f"/customers/{theirs}/unit-profiles") == set()
    place = f"/customers/{theirs}/unit-profiles/{group.units['west']}"
    assert (await person.client.get(place)).status_code == 404
    assert await other.sees() == set()
    assert await other.sees("/access-grants") == set()
    assert grant["id"] not in (await other.client.get("/events", params={"limit": 200})).text


@pytest.mark.parametrize(("level", "status"), [("read", 403), ("write", 200)])
async def test_a_unit_changes_what_it_may_write(group: Group, level: str, status: int) -> None:
    theirs = await group.customer("west")
    await granted(group, theirs, "shanghai", level=level)
    manager = await group.hire("unit_manager")
    answer = await manager.client.patch(f"/customers/{theirs}", json={"name": "Renamed"})
    assert answer.status_code == status, answer.text


async def test_revoked_access_ends_with_the_answer(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs = await group.customer("west")
    owner, manager = await group.hire("unit_manager", "west"), await group.hire("unit_manager")
    body = {"customer_id": theirs, "business_unit_id": group.units["shanghai"], "level": "write"}
    grant = await made(owner.client, "/access-grants", body)
    assert await manager.sees() == {theirs}
    place = f"/access-grants/{grant['id']}"
    said = {"reason": "The tender is over"}
    revoked = await made(owner.client, f"{place}/revoke", said, 200)
    assert (revoked["state"], revoked["ended_reason"]) == ("revoked", said["reason"])
    assert revoked["ended_at"] is not None
    assert await manager.sees() == set()
    known = (await manager.client.get(place)).json()
    assert known == {**revoked, "customer_id": None}
    async with nothing_changes():
        again = await owner.client.post(f"{place}/revoke", json={})
        refused(again, 409, "invalid-transition")
        for method, path in (("get", ""), ("patch", ""), ("post", "/archive")):
            json = {"json": {"name": "X"}} if method == "patch" else {}
            answer = await getattr(manager.client, method)(f"/customers/{theirs}{path}", **json)
            refused(answer, 404, "not-found")


async def test_a_unit_gives_up_what_it_was_given(group: Group) -> None:
    theirs = await group.customer("west")
    grant, manager = await granted(group, theirs, "shanghai"), await group.hire("unit_manager")
    answer = await manager.client.post(f"/access-grants/{grant['id']}/revoke", json={})
    assert (answer.json()["state"], answer.json()["customer_id"]) == ("revoked", None)
    assert await manager.sees() == set()


async def test_what_a_unit_sees_by_itself_stays(group: Group) -> None:
    theirs = await group.customer("west")
    first = await granted(group, theirs, "shanghai", level="write")
    await granted(group, theirs, "shanghai")
    manager = await group.hire("unit_manager")
    await made(group.admin, f"/access-grants/{first['id']}/revoke", {}, 200)
    assert await manager.sees() == {theirs}
    answer = await manager.client.patch(f"/customers/{theirs}", json={"name": "X"})
    assert answer.status_code == 403
    await group.profile(theirs, "shanghai")
    for grant in await manager.sees("/access-grants", state="active"):
        await made(group.admin, f"/access-grants/{grant}/revoke", {}, 200)
    assert await manager.sees() == {theirs}


@pytest.mark.parametrize("level", ["read", "write"])
async def test_nobody_makes_of_what_is_shared_with_him_what_stays(
    group: Group, nothing_changes: Unchanged, level: str
) -> None:
    theirs = await group.customer("west", **CONTACT)
    await granted(group, theirs, "shanghai", level=level, until=ahead(days=1))
    manager, asker = await group.hire("unit_manager"), await group.hire("unit_manager", "hangzhou")
    request = await requested(asker)
    shanghai = group.units["shanghai"]
    async with nothing_changes():
        profile = f"/customers/{theirs}/unit-profiles/{shanghai}"
        refused(await manager.client.patch(profile, json={}), 403, "forbidden")
        for unit in (shanghai, group.units["hangzhou"]):
            body = {"customer_id": theirs, "business_unit_id": unit}
            refused(await manager.client.post("/access-grants", json=body), 403, "forbidden")
        for verb, said in (("approve", {}), ("reject", {"reason": "No"})):
            answer = await decided(manager, request, verb, **said)
            assert answer.status_code == (404 if level == "read" else 403), answer.text


async def test_a_grant_ends_when_its_time_is_over(group: Group, later: Later, house: House) -> None:
    theirs, manager = await group.customer("west"), await group.hire("unit_manager")
    grant = await granted(group, theirs, "shanghai", until=ahead(days=7))
    await later(days=6)
    assert await manager.sees() == {theirs}
    await later(days=1.1)
    assert await manager.sees() == set()
    ended = (await group.admin.get(f"/access-grants/{grant['id']}")).json()
    assert (ended["state"], ended["ended_at"] >= grant["until"]) == ("expired", True)
    await Sequencer(house.pool).number_all()
    history = (await group.admin.get(f"/access-grants/{grant['id']}/history")).json()["data"]
    types = ["access_grant.expired", "access_grant.created"]
    assert [record["type"] for record in history] == types


async def test_a_grant_that_was_revoked_does_not_expire(group: Group, later: Later) -> None:
    theirs = await group.customer("west")
    grant = await granted(group, theirs, "shanghai", until=ahead(days=1))
    await made(group.admin, f"/access-grants/{grant['id']}/revoke", {}, 200)
    await later(days=2)
    assert (await group.admin.get(f"/access-grants/{grant['id']}")).json()["state"] == "revoked"


async def test_access_is_ended_once(group: Group) -> None:
    theirs = await group.customer("west")
    grant = await granted(group, theirs, "shanghai")
    place = f"/access-grants/{grant['id']}/revoke"
    answers = await asyncio.gather(*(group.admin.post(place, json={}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_who_may_not_change_a_customer_does_not_share_it(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs, mine = await group.customer("west"), await group.customer("shanghai")
    read = await granted(group, mine, "west")
    owner, stranger = await group.hire("unit_manager", "west"), await group.hire("unit_manager")
    sales = await group.hire("sales")
    west = group.units["west"]
    async with nothing_changes():
        for customer in (theirs, f"cus_{UNKNOWN}"):
            body = {"customer_id": customer, "business_unit_id": west}
            answer = await stranger.client.post("/access-grants", json=body)
            problem = refused(answer, 422, "unknown-reference")
            assert problem["errors"][0]["pointer"] == "/customer_id"
        body = {"customer_id": mine, "business_unit_id": group.units["hangzhou"]}
        refused(await owner.client.post("/access-grants", json=body), 403, "forbidden")
        refused(await sales.client.post("/access-grants", json=body), 403, "forbidden")
    assert read["state"] == "active"


async def test_who_does_not_see_a_grant_does_not_find_it(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs, stranger = await group.customer("west"), await group.hire("unit_manager", "hangzhou")
    grant = await granted(group, theirs, "shanghai")
    async with nothing_changes():
        for id in (grant["id"], f"agr_{UNKNOWN}"):
            place = f"/access-grants/{id}"
            for answer in (
                await stranger.client.get(place),
                await stranger.client.get(f"{place}/history"),
                await stranger.client.post(f"{place}/revoke", json={}),
            ):
                refused(answer, 404, "not-found")
    assert await stranger.sees("/access-grants", customer_id=theirs) == set()


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "/until", "validation-failed"),
        ({"business_unit_id": f"bun_{UNKNOWN}"}, "/business_unit_id", "unknown-reference"),
        ({"customer_id": None}, "/customer_id", "validation-failed"),
        ({"level": "all"}, "/level", "validation-failed"),
        ({"basis": "interest"}, "/basis", "validation-failed"),
    ],
)
async def test_what_cannot_be_granted_is_named(
    group: Group, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    theirs = await group.customer("west")
    body = {"customer_id": theirs, "business_unit_id": group.units["shanghai"], **said}
    async with nothing_changes():
        problem = refused(await group.admin.post("/access-grants", json=body), 422, code)
        assert problem["errors"][0]["pointer"] == pointer


async def test_nothing_is_shared_that_is_archived_or_with_a_unit_that_is(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs, gone = await group.customer("west"), await group.customer("west")
    await made(group.admin, f"/customers/{gone}/archive", None, 200)
    await made(group.admin, f"/business-units/{group.units['hangzhou']}/archive", None, 200)
    async with nothing_changes():
        body = {"customer_id": gone, "business_unit_id": group.units["shanghai"]}
        refused(await group.admin.post("/access-grants", json=body), 409, "conflict")
        body = {"customer_id": theirs, "business_unit_id": group.units["hangzhou"]}
        refused(await group.admin.post("/access-grants", json=body), 422, "validation-failed")


async def test_a_person_goes_to_another_company_on_a_basis_only(
    group: Group, nothing_changes: Unchanged
) -> None:
    await entities(group)
    person = await group.customer("west")
    body = {"customer_id": person, "business_unit_id": group.units["shanghai"]}
    async with nothing_changes():
        for left_out in ([*BASIS], ["recipient"], ["purpose"], ["basis"]):
            said = {name: value for name, value in BASIS.items() if name not in left_out}
            answer = await group.admin.post("/access-grants", json={**body, **said})
            problem = refused(answer, 422, "validation-failed")
            wrong = {error["pointer"] for error in problem["errors"]}
            assert wrong == {f"/{name}" for name in left_out}
    grant = await made(group.admin, "/access-grants", {**body, **BASIS})
    assert {name: grant[name] for name in BASIS} == BASIS


async def test_within_a_company_and_for_organizations_no_basis_is_needed(group: Group) -> None:
    await entities(group)
    inside, company = (
        await group.customer("hangzhou"),
        await group.customer("west", kind="organization"),
    )
    for customer in (inside, company, await group.customer()):
        await granted(group, customer, "shanghai")
    assert len(await (await group.hire("unit_manager")).sees()) == 3


async def test_who_decides_says_the_basis_that_was_not_asked_on(
    group: Group, nothing_changes: Unchanged
) -> None:
    await entities(group)
    await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker)
    async with nothing_changes():
        problem = refused(await decided(owner, request, "approve"), 422, "validation-failed")
        assert [e["pointer"] for e in problem["errors"]] == ["/basis", "/recipient", "/purpose"]
    approved = await decided(owner, request, "approve", **BASIS)
    assert approved.json()["state"] == "approved"
    assert len(await asker.sees()) == 1


async def test_a_key_that_sees_all_but_may_not_read_customers_is_not_told_who(
    group: Group,
) -> None:
    theirs = await group.customer("west")
    grant = await granted(group, theirs, "shanghai")
    secret = {"name": "Desk", "scopes": ["access_grants:read"]}
    key = await group.with_key((await made(group.admin, "/api-keys", secret))["secret"])
    assert (await key.get(f"/access-grants/{grant['id']}")).json()["customer_id"] is None


async def test_whoever_is_stood_in_for_is_shown_what_he_sees(group: Group) -> None:
    theirs, manager = await group.customer("west"), await group.hire("unit_manager")
    grant = await granted(group, theirs, "shanghai")
    await made(group.admin, f"/access-grants/{grant['id']}/revoke", {}, 200)
    place = f"/access-grants/{grant['id']}"
    for headers in ({"Crm-On-Behalf-Of": manager.id}, group.at("shanghai")):
        shown = await group.admin.get(place, headers=headers)
        assert shown.json()["customer_id"] is None
        listed = await group.admin.get("/access-grants", headers=headers)
        assert [one["customer_id"] for one in listed.json()["data"]] == [None]


async def test_a_narrowed_request_sees_grants_of_its_unit(group: Group) -> None:
    theirs = await group.customer("west")
    grant = await granted(group, theirs, "shanghai")
    for unit, sees in (("shanghai", True), ("east", True), ("hangzhou", False)):
        at = group.at(unit)
        assert ids(await group.admin.get("/customers", headers=at)) == ({theirs} if sees else set())
        found = ids(await group.admin.get("/access-grants", headers=at))
        assert found == ({grant["id"]} if sees else set())


async def test_grants_are_found_by_unit_state_and_user(group: Group) -> None:
    theirs, manager = await group.customer("west"), await group.hire("unit_manager", "east")
    one = await granted(group, theirs, "shanghai")
    other = await granted(group, theirs, "hangzhou")
    await made(group.admin, f"/access-grants/{other['id']}/revoke", {}, 200)
    under = await manager.sees("/access-grants", under=group.units["east"])
    assert under == {one["id"], other["id"]}
    assert await manager.sees("/access-grants", state="active") == {one["id"]}
    of_unit = await manager.sees("/access-grants", business_unit_id=group.units["hangzhou"])
    assert of_unit == {other["id"]}
    assert await manager.sees("/access-grants", customer_id=theirs) == {one["id"], other["id"]}
    assert await manager.sees("/access-grants", user_id=manager.id) == set()
