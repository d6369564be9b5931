"""Units ask for customers of others, and those decide who may change them."""

import asyncio
from typing import Any

import pytest

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused
from tests.grouping import Group, ids, made

from .asking import CONTACT, UNKNOWN, ahead, decided, granted, requested, resolved
from .conftest import Later

Json = dict[str, Any]
ASKED: Json = {"level": "write", "until": "2099-01-01T00:00:00.000Z", "reason": "Joint tender"}


async def test_a_unit_asks_is_given_and_sees(group: Group) -> None:
    theirs = await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker, **ASKED)
    assert request["customer_id"] is None
    assert (request["state"], request["business_unit_id"]) == ("pending", group.units["shanghai"])
    assert {name: request[name] for name in ASKED} == ASKED
    assert await asker.sees() == set()
    seen = (await owner.client.get(f"/access-requests/{request['id']}")).json()
    assert {**request, "customer_id": theirs} == seen
    approved = (await decided(owner, request, "approve")).json()
    assert (approved["state"], approved["decider_id"]) == ("approved", owner.id)
    assert await asker.sees() == {theirs}
    grant = (await asker.client.get(f"/access-grants/{approved['access_grant_id']}")).json()
    assert (grant["customer_id"], grant["level"], grant["user_id"]) == (theirs, "write", asker.id)
    mine = (await asker.client.get(f"/access-requests/{request['id']}")).json()
    assert mine == approved
    patched = await asker.client.patch(f"/customers/{theirs}", json={"name": "Renamed"})
    assert patched.status_code == 200


async def test_sales_ask_for_themselves_and_see_what_the_unit_is_given(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs = await group.customer("west", **CONTACT)
    sales, mate = await group.hire("sales"), await group.hire("sales")
    manager, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(sales)
    assert await sales.sees("/access-requests") == {request["id"]}
    assert await mate.sees("/access-requests") == set()
    assert await manager.sees("/access-requests") == {request["id"]}
    async with nothing_changes():
        refused(await decided(sales, request, "approve"), 403, "forbidden")
        refused(await decided(manager, request, "approve"), 403, "forbidden")
        refused(await decided(manager, request, "reject", reason="No"), 403, "forbidden")
    assert (await decided(owner, request, "approve")).status_code == 200
    assert (await sales.sees(), await mate.sees(), await manager.sees()) == (
        {theirs},
        set(),
        {theirs},
    )


async def test_who_sees_a_customer_asks_to_change_it(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs, hidden = await group.customer("west"), await group.customer("west")
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    await granted(group, theirs, "shanghai")
    body = {"reason": "To correct it", "level": "write"}
    async with nothing_changes():
        for customer in (hidden, f"cus_{UNKNOWN}"):
            sent = {**body, "customer_id": customer}
            answer = await asker.client.post("/access-requests", json=sent)
            refused(answer, 422, "unknown-reference")
        for said in ({}, {"customer_id": theirs, "reference": "x"}, {"customer_id": None}):
            answer = await asker.client.post("/access-requests", json={**body, **said})
            refused(answer, 422, "validation-failed")
    request = await made(asker.client, "/access-requests", {**body, "customer_id": theirs})
    assert request["customer_id"] == theirs
    await decided(owner, request, "approve")
    patched = await asker.client.patch(f"/customers/{theirs}", json={"name": "Corrected"})
    assert patched.status_code == 200


async def test_a_request_is_seen_by_who_asks_and_who_decides_and_is_not_there_for_others(
    group: Group, nothing_changes: Unchanged, house: House
) -> None:
    await group.customer("west", **CONTACT)
    role = await group.role(
        ("access_requests:read", "subtree"),
        ("access_requests:write", "subtree"),
        ("access_grants:write", "subtree"),
        ("customers:read", "subtree"),
        ("customers:write", "subtree"),
        ("audit:read", None),
        ("events:read", None),
    )
    asker, owner = await group.hire(role, "shanghai"), await group.hire(role, "west")
    stranger, above = await group.hire(role, "hangzhou"), await group.hire(role, "east")
    request = await requested(asker)
    await Sequencer(house.pool).number_all()
    about = {"object_id": request["id"], "limit": 200}
    for person, sees in ((asker, True), (owner, True), (above, True), (stranger, False)):
        there = {request["id"]} if sees else set()
        assert await person.sees("/access-requests") == there
        for path in ("/events", "/audit-records"):
            found = (await person.client.get(path, params=about)).json()["data"]
            assert {one["object_id"] for one in found} == there
    async with nothing_changes():
        for id in (request["id"], f"arq_{UNKNOWN}"):
            place = f"/access-requests/{id}"
            for answer in (
                await stranger.client.get(place),
                await stranger.client.get(f"{place}/history"),
                await stranger.client.post(f"{place}/approve", json={}),
                await stranger.client.post(f"{place}/reject", json={"reason": "No"}),
                await stranger.client.post(f"{place}/withdraw"),
            ):
                refused(answer, 404, "not-found")


async def test_whoever_does_not_see_the_customer_is_not_told_who_it_is(
    group: Group, house: House, nothing_changes: Unchanged
) -> None:
    theirs = await group.customer("west", **CONTACT)
    role = await group.role(
        ("access_requests:read", "subtree"),
        ("access_requests:write", "subtree"),
        ("customers:read", "subtree"),
        ("audit:read", None),
        ("events:read", None),
    )
    asker, owner = await group.hire(role), await group.hire("unit_manager", "west")
    told = await resolved(asker)
    body = {"reference": told["reference"], "reason": "Joint tender"}
    keyed = {"Idempotency-Key": "one-request"}
    created = await asker.client.post("/access-requests", json=body, headers=keyed)
    again = await asker.client.post("/access-requests", json=body, headers=keyed)
    assert (created.status_code, again.content) == (201, created.content)
    request = created.json()
    await Sequencer(house.pool).number_all()
    place = f"/access-requests/{request['id']}"
    everything = [
        created,
        *[
            await asker.client.get(path, params={"limit": 200})
            for path in ("/access-requests", "/events", "/audit-records", f"{place}/history")
        ],
        await asker.client.get(place),
        await asker.client.get("/events", params={"object_id": request["id"]}),
    ]
    for answer in everything:
        assert answer.is_success, answer.text
        assert theirs not in answer.text
        assert theirs[4:] not in answer.text
    assert ids(await asker.client.get("/access-requests", params={"customer_id": theirs})) == set()
    assert await owner.sees("/access-requests", customer_id=theirs) == {request["id"]}
    events = (await group.admin.get("/events", params={"object_id": request["id"]})).json()["data"]
    assert [event["data"]["customer_id"] for event in events] == [theirs]
    hidden = (await asker.client.get(place)).headers["etag"]
    await decided(owner, request, "approve")
    assert (await asker.client.get(place)).headers["etag"] != hidden
    created_only = {"type": "access_request.created"}
    (event,) = (await asker.client.get("/events", params=created_only)).json()["data"]
    assert event["data"]["customer_id"] == theirs


async def test_nobody_decides_on_his_own_request(group: Group, nothing_changes: Unchanged) -> None:
    await group.customer("west", **CONTACT)
    asker = await group.hire("unit_manager")
    request = await requested(asker)
    await group.give(asker, "unit_manager", "west")
    fresh = await group.key_for(asker.id)
    place = f"/access-requests/{request['id']}"
    async with nothing_changes():
        refused(await fresh.post(f"{place}/approve", json={}), 403, "forbidden")
        refused(await fresh.post(f"{place}/reject", json={"reason": "No"}), 403, "forbidden")


async def test_who_owns_a_customer_and_gives_no_access_does_not_decide(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs = await group.customer("west", **CONTACT)
    asker, owner = await group.hire("sales"), await group.hire("sales", "west")
    await group.profile(theirs, "west", owner_id=owner.id)
    request = await requested(asker)
    assert await owner.sees("/access-requests") == {request["id"]}
    async with nothing_changes():
        problem = refused(await decided(owner, request, "approve"), 403, "forbidden")
        assert problem["missing_scope"] == ["access_grants:write"]
        refused(
            await owner.client.post(f"/access-requests/{request['id']}/withdraw"), 403, "forbidden"
        )


async def test_a_request_is_rejected_or_withdrawn_once(
    group: Group, nothing_changes: Unchanged
) -> None:
    await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker)
    rejected = (await decided(owner, request, "reject", reason="Ask the account team")).json()
    assert (rejected["state"], rejected["decision_reason"]) == ("rejected", "Ask the account team")
    other = await requested(asker)
    withdrawn = await asker.client.post(f"/access-requests/{other['id']}/withdraw")
    assert withdrawn.json()["state"] == "withdrawn"
    async with nothing_changes():
        for one in (request, other):
            place = f"/access-requests/{one['id']}"
            for answer in (
                await owner.client.post(f"{place}/approve", json={}),
                await owner.client.post(f"{place}/reject", json={"reason": "No"}),
                await asker.client.post(f"{place}/withdraw"),
            ):
                assert refused(answer, 409, "invalid-transition")["allowed"] == []
    assert await asker.sees() == set()


async def test_two_decide_at_once_and_one_of_them_has(group: Group) -> None:
    theirs = await group.customer("west", **CONTACT)
    asker = await group.hire("unit_manager")
    owners = [await group.hire("unit_manager", "west") for _ in range(4)]
    request = await requested(asker)
    answers = await asyncio.gather(*(decided(owner, request, "approve") for owner in owners))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await asker.sees("/access-grants")) == 1
    assert await asker.sees() == {theirs}


async def test_a_unit_asks_once_at_a_time(group: Group, nothing_changes: Unchanged) -> None:
    await group.customer("west", **CONTACT)
    asker, mate, other = [
        await group.hire("sales", unit) for unit in ("shanghai", "shanghai", "hangzhou")
    ]
    request = await requested(asker)
    told = [await resolved(person) for person in (asker, mate)]
    async with nothing_changes():
        for person, one, existing in ((asker, told[0], True), (mate, told[1], False)):
            body = {"reference": one["reference"], "reason": "Again"}
            problem = refused(
                await person.client.post("/access-requests", json=body), 409, "duplicate-value"
            )
            assert problem["errors"][0]["pointer"] == "/business_unit_id"
            assert ("existing" in problem) is existing
    assert (await requested(other))["id"] != request["id"]


async def test_a_reference_is_for_one_user_and_one_day(
    group: Group, later: Later, nothing_changes: Unchanged, caller: NewClient
) -> None:
    theirs = await group.customer("west", **CONTACT)
    asker, mate = await group.hire("unit_manager"), await group.hire("unit_manager")
    reference, elsewhere = (await resolved(asker))["reference"], await caller()
    changed = ("A" if reference[20] != "A" else "B").join((reference[:20], reference[21:]))
    wrong = [theirs, changed, reference[:30], "", "客户", "=", "A" * 400]
    async with nothing_changes():
        for person, sent in [(mate, reference), *((asker, one) for one in wrong)]:
            body = {"reference": sent, "reason": "Joint tender"}
            answer = await person.client.post("/access-requests", json=body)
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["pointer"] == "/reference"
        answer = await elsewhere.post(
            "/access-requests", json={"reference": reference, "reason": "Joint tender"}
        )
        refused(answer, 422, "validation-failed")
    await later(hours=25)
    async with nothing_changes():
        answer = await asker.client.post(
            "/access-requests", json={"reference": reference, "reason": "Joint tender"}
        )
        refused(answer, 422, "validation-failed")


async def test_one_asks_for_a_unit_that_one_works_in(
    group: Group, nothing_changes: Unchanged
) -> None:
    await group.customer("west", **CONTACT)
    asker, sales = await group.hire("unit_manager", "east"), await group.hire("sales")
    units = group.units
    for person, unit, status in (
        (sales, units["hangzhou"], 422),
        (sales, f"bun_{UNKNOWN}", 422),
        (asker, units["west"], 422),
        (asker, units["hangzhou"], 201),
        (sales, units["shanghai"], 201),
    ):
        told = await resolved(person)
        body = {"reference": told["reference"], "reason": "Tender", "business_unit_id": unit}
        answer = await person.client.post("/access-requests", json=body)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json()["errors"][0]["pointer"] == "/business_unit_id"
    await group.give(sales, "sales", "hangzhou")
    fresh = await group.key_for(sales.id)
    told = await made(fresh, "/customers/resolve", {"email": "wang.fang@example.com"}, 200)
    body = {"reference": told["reference"], "reason": "Tender"}
    async with nothing_changes():
        problem = refused(await fresh.post("/access-requests", json=body), 422, "validation-failed")
        assert problem["errors"][0]["code"] == "missing"


async def test_after_thirty_days_a_request_expires(
    group: Group, later: Later, nothing_changes: Unchanged
) -> None:
    await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker)
    place = f"/access-requests/{request['id']}"
    await later(days=29)
    assert (await owner.client.get(place)).json()["state"] == "pending"
    await later(days=1.1)
    expired = (await owner.client.get(place)).json()
    assert (expired["state"], expired["decider_id"]) == ("expired", None)
    async with nothing_changes():
        refused(await decided(owner, request, "approve"), 409, "invalid-transition")
    assert (await requested(asker))["state"] == "pending"


async def test_what_is_too_late_is_not_approved_though_nobody_has_ended_it(
    group: Group, nothing_changes: Unchanged
) -> None:
    await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker)
    await made(group.admin, "/sandbox/clock/advance", {"seconds": 31 * 86400}, 200)
    fresh = await group.key_for(owner.id)
    async with nothing_changes():
        answer = await fresh.post(f"/access-requests/{request['id']}/approve", json={})
        refused(answer, 409, "conflict")


async def test_less_can_be_given_and_not_more(group: Group, nothing_changes: Unchanged) -> None:
    theirs = await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker)
    async with nothing_changes():
        raised = refused(
            await decided(owner, request, "approve", level="write"), 422, "validation-failed"
        )
        assert raised["errors"][0]["pointer"] == "/level"
        past = refused(
            await decided(owner, request, "approve", until="2020-01-01T00:00:00Z"),
            422,
            "validation-failed",
        )
        assert past["errors"][0]["pointer"] == "/until"
    approved = (await decided(owner, request, "approve", until=ahead(days=1))).json()
    assert approved["until"] is None
    grant = (await owner.client.get(f"/access-grants/{approved['access_grant_id']}")).json()
    assert (grant["level"], grant["until"] is None) == ("read", False)
    async with nothing_changes():
        answer = await asker.client.patch(f"/customers/{theirs}", json={"name": "Mine now"})
        refused(answer, 403, "forbidden")


async def test_a_customer_that_was_archived_meanwhile_is_not_shared(
    group: Group, nothing_changes: Unchanged
) -> None:
    theirs = await group.customer("west", **CONTACT)
    asker, owner = await group.hire("unit_manager"), await group.hire("unit_manager", "west")
    request = await requested(asker)
    await made(group.admin, f"/customers/{theirs}/archive", None, 200)
    async with nothing_changes():
        refused(await decided(owner, request, "approve"), 409, "conflict")
    assert (await decided(owner, request, "reject", reason="Gone")).status_code == 200


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"reason": None}, "/reason"),
        ({"level": "own"}, "/level"),
        ({"basis": "interest"}, "/basis"),
    ],
)
async def test_what_cannot_be_asked_is_named(
    group: Group, nothing_changes: Unchanged, said: Json, pointer: str
) -> None:
    await group.customer("west", **CONTACT)
    asker = await group.hire("unit_manager")
    told = await resolved(asker)
    body = {"reference": told["reference"], "reason": "Joint tender", **said}
    async with nothing_changes():
        answer = await asker.client.post("/access-requests", json=body)
        assert refused(answer, 422, "validation-failed")["errors"][0]["pointer"] == pointer
