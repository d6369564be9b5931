"""Who is meant by a key, and what those are told who do not see him."""

from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused
from tests.grouping import Group, ids, made

from .asking import CONTACT, EMAIL, resolved

Json = dict[str, Any]
POINTS: Json = {
    "contact_points": [
        {"kind": "email", "value": EMAIL},
        {"kind": "phone", "value": "13800138000"},
        {"kind": "wechat", "value": "wangfang_88"},
    ],
    "external_ids": {"sap": "4711"},
}
USCC = "91110000600037341L"


async def test_each_key_finds_whom_it_means_and_says_so(client: AsyncClient) -> None:
    wang = await made(client, "/customers", {"kind": "person", "name": "王芳", **POINTS})
    acme = {"kind": "organization", "name": "Acme", "uscc": USCC}
    company = await made(client, "/customers", acme)
    for key, value, found in (
        ("email", EMAIL.upper(), wang),
        ("phone", "+86 138 0013 8000", wang),
        ("phone", "138 0013 8000", wang),
        ("wechat", "wangfang_88", wang),
        ("external_id", {"system": "sap", "value": "4711"}, wang),
        ("uscc", USCC, company),
    ):
        answer = await made(client, "/customers/resolve", {key: value}, 200)
        shown = {name: found[name] for name in ("id", "object", "kind", "name", "state")}
        assert answer == {
            "object": "customer_resolution",
            "data": [{**shown, "matched_by": [key]}],
            "known_to_group": False,
            "reference": None,
        }
    for nobody in ({"email": "w@example.com"}, {"external_id": {"system": "erp", "value": "4711"}}):
        assert (await made(client, "/customers/resolve", nobody, 200))["data"] == []


async def test_whom_most_keys_mean_comes_first_and_archived_ones_are_found(
    client: AsyncClient,
) -> None:
    both = await made(client, "/customers", {"kind": "person", "name": "Both", **POINTS})
    one = await made(client, "/customers", {"kind": "person", "name": "One", **CONTACT})
    gone = await made(client, "/customers", {"kind": "person", "name": "Gone", **CONTACT})
    old = await made(client, "/customers", {"kind": "organization", "name": "Old", "uscc": USCC})
    for archived in (gone, old):
        await made(client, f"/customers/{archived['id']}/archive", None, 200)
    keys = {"email": EMAIL, "wechat": "wangfang_88", "uscc": USCC}
    found = (await made(client, "/customers/resolve", keys, 200))["data"]
    assert [(of["id"], of["state"], of["matched_by"]) for of in found] == [
        (both["id"], "live", ["email", "wechat"]),
        (one["id"], "live", ["email"]),
        (old["id"], "archived", ["uscc"]),
        (gone["id"], "archived", ["email"]),
    ]


async def test_twenty_are_shown(client: AsyncClient) -> None:
    for number in range(21):
        await made(client, "/customers", {"kind": "person", "name": f"N {number}", **CONTACT})
    found = (await made(client, "/customers/resolve", {"email": EMAIL}, 200))["data"]
    assert [of["name"] for of in found] == [f"N {number}" for number in range(20, 0, -1)]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"email": None},
        {"email": "nobody"},
        {"phone": "12"},
        {"uscc": "1"},
        {"external_id": {"system": "sap"}},
        {"name": "王芳"},
    ],
)
async def test_a_key_is_needed_that_can_be_one(
    client: AsyncClient, nothing_changes: Unchanged, said: Json
) -> None:
    async with nothing_changes():
        answer = await client.post("/customers/resolve", json=said)
        refused(answer, 422, "validation-failed")


async def test_masked_callers_do_not_ask_by_what_they_do_not_see(
    group: Group, nothing_changes: Unchanged
) -> None:
    await group.customer("shanghai", **POINTS)
    marketer = await group.hire("marketer")
    async with nothing_changes():
        for key, value in (("email", EMAIL), ("phone", "13800138000"), ("wechat", "wangfang_88")):
            answer = await marketer.client.post("/customers/resolve", json={key: value})
            assert key in refused(answer, 403, "forbidden")["detail"]
    found = await resolved(marketer, external_id={"system": "sap", "value": "4711"})
    assert len(found["data"]) == 1


async def test_whoever_reads_customers_may_ask(caller: NewClient) -> None:
    other = await caller("customers:write")
    refused(await other.post("/customers/resolve", json={"email": EMAIL}), 403, "forbidden")
    reader = await caller("customers:read")
    assert (await reader.post("/customers/resolve", json={"email": EMAIL})).status_code == 200


async def test_nobody_and_somebody_hidden_are_alike_where_the_tenant_says_so(
    group: Group, nothing_changes: Unchanged
) -> None:
    await group.admin.patch("/tenant", json={"tells_known_to_group": False})
    await group.customer("west", **CONTACT)
    manager = await group.hire("unit_manager")
    async with nothing_changes():
        asked = [
            await manager.client.post("/customers/resolve", json={"email": email})
            for email in (EMAIL, "nobody@example.com")
        ]
    assert asked[0].content == asked[1].content
    assert asked[0].json()["known_to_group"] is False
    for name in asked[0].headers.keys() - {"request-id", "ratelimit", "server-timing"}:
        assert asked[0].headers[name] == asked[1].headers[name], name


async def test_who_sees_some_only_is_told_that_there_is_somebody_else(group: Group) -> None:
    theirs, mine = await group.customer("west", **CONTACT), await group.customer("shanghai")
    manager = await group.hire("unit_manager")
    told = await resolved(manager)
    assert (told["data"], told["known_to_group"]) == ([], True)
    assert theirs[4:] not in told["reference"]
    assert (await resolved(manager))["reference"] != told["reference"]
    await group.profile(mine, "shanghai")
    nobody = await resolved(manager, email="nobody@example.com")
    assert (nobody["known_to_group"], nobody["reference"]) == (False, None)
    admin = await made(group.admin, "/customers/resolve", {"email": EMAIL}, 200)
    assert ([one["id"] for one in admin["data"]], admin["known_to_group"]) == ([theirs], False)


async def test_a_request_that_is_narrowed_hides_nobody_from_whoever_sees_him(group: Group) -> None:
    await group.customer("shanghai", **CONTACT)
    manager = await group.hire("unit_manager", "east")
    there = await manager.client.post(
        "/customers/resolve", json={"email": EMAIL}, headers=group.at("hangzhou")
    )
    assert (there.json()["data"], there.json()["known_to_group"]) == ([], False)
    assert len((await resolved(manager))["data"]) == 1


async def test_the_audit_says_who_was_told_of_whom_and_does_not_tell_him(
    group: Group, house: House
) -> None:
    theirs = await group.customer("west", **CONTACT)
    role = await group.role(("customers:read", "unit"), ("audit:read", None), ("events:read", None))
    person = await group.hire(role)
    before = (await group.admin.get(f"/customers/{theirs}")).json()
    asked = await person.client.post("/customers/resolve", json={"email": EMAIL})
    await Sequencer(house.pool).number_all()
    history = (await group.admin.get(f"/customers/{theirs}/history")).json()["data"]
    record = history[0]
    assert record["type"] == "customer.presence_told"
    assert (record["user_id"], record["object_id"]) == (person.id, theirs)
    assert record["request_id"] == asked.headers["request-id"]
    assert (record["object_version"], record["changes"]) == (before["version"], None)
    assert (await group.admin.get(f"/customers/{theirs}")).json() == before
    events = (await group.admin.get("/events", params={"type": "customer.presence_told"})).json()
    assert [event["data"] for event in events["data"]] == [before]
    assert theirs not in asked.text
    for path in ("/audit-records", "/events"):
        seen = (await person.client.get(path, params={"limit": 200})).text
        assert theirs not in seen
        assert "presence_told" not in seen


async def test_a_user_is_told_sixty_times_a_minute_whatever_he_hears(group: Group) -> None:
    await group.customer("west", **CONTACT)
    manager = await group.hire("unit_manager")
    mate = await group.key_for(manager.id)
    asked = [
        await (manager.client, mate)[n % 2].post(
            "/customers/resolve", json={"email": f"n{n}@example.com"}
        )
        for n in range(125)
    ]
    served = [answer for answer in asked if answer.status_code == 200]
    assert len(served) in range(60, 121)  # a minute may begin meanwhile
    for email in (EMAIL, "nobody@example.com"):
        answer = await mate.post("/customers/resolve", json={"email": email})
        problem = refused(answer, 429, "rate-limited")
        assert problem["violated-policies"] == ["known_to_group"]
    other = await group.hire("unit_manager")
    assert (await resolved(other))["known_to_group"] is True
    assert ids(await manager.client.get("/customers", params={"email": EMAIL})) == set()
