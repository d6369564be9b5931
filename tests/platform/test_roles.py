"""What users may do: roles, who holds them where and when, and who may give them."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.test_customers import refused
from tests.grouping import Group, grown, made

Json = dict[str, Any]
BUILT_IN = {
    "group_administrator",
    "unit_manager",
    "sales",
    "service_agent",
    "marketer",
    "finance",
    "auditor",
    "integration",
}
OWN = {"scope": "customers:read", "reach": "own"}
ROLE: Json = {"name": "Special", "permissions": [OWN]}


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


async def test_every_tenant_has_the_roles_that_fit_a_group(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    english = await caller(tenant=await new_tenant_(languages=["en"]))
    chinese = await caller(tenant=await new_tenant_(languages=["zh-CN", "en"]))
    named = [(await c.get("/roles")).json()["data"] for c in (english, chinese)]
    assert [{role["code"] for role in roles} for roles in named] == [BUILT_IN, BUILT_IN]
    names = [{r["code"]: r["name"] for r in roles}["sales"] for roles in named]
    assert names == ["Sales", "销售"]


async def test_a_role_of_the_product_stays_as_it_is(
    group: Group, nothing_changes: Unchanged
) -> None:
    place = f"/roles/{group.roles['sales']}"
    async with nothing_changes():
        refused(await group.admin.patch(place, json={"name": "Mine"}), 409, "conflict")
        refused(await group.admin.post(f"{place}/archive"), 409, "conflict")


async def test_a_role_is_answered_as_it_was_said(client: AsyncClient) -> None:
    role = await made(client, "/roles", {**ROLE, "description": "For key accounts"})
    assert role["permissions"] == [OWN]
    place = f"/roles/{role['id']}"
    wider = [{**OWN, "reach": "subtree"}, {"scope": "users:read", "reach": None}]
    patched = (await client.patch(place, json={"permissions": wider})).json()
    assert (patched["permissions"], patched["version"]) == (wider, 2)
    assert (await client.get(place)).json() == patched


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ([OWN, OWN], "/permissions/1/scope", "scope_repeated"),
        ([{"scope": "customers:read"}], "/permissions/0/reach", "missing"),
        ([{"scope": "users:read", "reach": "own"}], "/permissions/0/reach", "no_reach"),
        ([{"scope": "*", "reach": "own"}], "/permissions/0/reach", "no_reach"),
        ([{"scope": "ghosts:read"}], "/permissions", "scope_unknown"),
    ],
)
async def test_permissions_that_cannot_be_are_named(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/roles", json={**ROLE, "permissions": said})
        problem = refused(answer, 422, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]


async def test_a_masked_role_only_reads(client: AsyncClient, nothing_changes: Unchanged) -> None:
    writes = [{"scope": "customers:write", "reach": "own"}]
    said = {**ROLE, "permissions": writes, "masked": True}
    async with nothing_changes():
        problem = refused(await client.post("/roles", json=said), 422, "validation-failed")
    assert problem["errors"][0]["code"] == "masked_role_writes"


async def test_a_role_is_held_from_a_time_until_before_another(group: Group) -> None:
    person = await group.hire("sales", starts_at="2030-01-01T00:00:00Z")
    assert (await person.client.get("/customers")).status_code == 403
    later = await group.hire("sales", ends_at="2035-01-01T00:00:00Z")
    assert await later.sees() == set()
    for year, expected in (("2031", [200, 200]), ("2036", [200, 403])):
        there = {"to": f"{year}-01-01T00:00:00Z"}
        await made(group.admin, "/sandbox/clock/advance", there, 200)
        fresh = [await group.key_for(one.id) for one in (person, later)]
        assert [(await one.get("/customers")).status_code for one in fresh] == expected


async def test_an_end_takes_a_role_within_a_second_and_stays_to_be_seen(
    group: Group, nothing_changes: Unchanged
) -> None:
    person = await group.hire("sales")
    assert await person.sees() == set()
    (held,) = (await group.admin.get("/role-assignments", params={"user_id": person.id})).json()[
        "data"
    ]
    ended = await group.admin.post(f"/role-assignments/{held['id']}/end", json={})
    assert ended.status_code == 200
    await asyncio.sleep(1.1)
    problem = refused(await person.client.get("/customers"), 403, "forbidden")
    assert problem["missing_scope"] == ["customers:read"]
    async with nothing_changes():
        again = await group.admin.post(f"/role-assignments/{held['id']}/end", json={})
        refused(again, 409, "conflict")


async def test_a_role_that_reaches_a_unit_is_held_in_one(
    group: Group, nothing_changes: Unchanged
) -> None:
    person = await group.hire("auditor", None)
    said = {"user_id": person.id, "role_id": group.roles["sales"]}
    async with nothing_changes():
        problem = refused(
            await group.admin.post("/role-assignments", json=said), 422, "validation-failed"
        )
        assert problem["errors"][0]["pointer"] == "/business_unit_id"


async def test_what_is_assigned_is_there_and_in_use(
    group: Group, nothing_changes: Unchanged
) -> None:
    person, role = await group.hire("auditor", None), await group.role(("customers:read", "own"))
    await group.admin.post(f"/roles/{role}/archive")
    there = {"user_id": person.id, "role_id": role, "business_unit_id": group.units["east"]}
    unknown = "019a2b7c4d5e7f60a1b2c3d4e5f60718"
    async with nothing_changes():
        for changed, pointer in (
            ({}, "/role_id"),
            ({"role_id": f"rol_{unknown}"}, "/role_id"),
            ({"role_id": group.roles["sales"], "user_id": f"usr_{unknown}"}, "/user_id"),
            (
                {"role_id": group.roles["sales"], "business_unit_id": f"bun_{unknown}"},
                "/business_unit_id",
            ),
        ):
            answer = await group.admin.post("/role-assignments", json={**there, **changed})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == pointer
        again = {"user_id": person.id, "role_id": group.roles["auditor"]}
        refused(await group.admin.post("/role-assignments", json=again), 409, "duplicate-value")


async def test_an_archived_role_gives_nothing(group: Group) -> None:
    role = await group.role(("customers:read", "own"))
    person = await group.hire(role)
    assert await person.sees() == set()
    await group.admin.post(f"/roles/{role}/archive")
    fresh = await group.key_for(person.id)
    refused(await fresh.get("/customers"), 403, "forbidden")
    await group.admin.post(f"/roles/{role}/restore")
    assert (await (await group.key_for(person.id)).get("/customers")).status_code == 200


async def test_an_archived_role_is_restored_before_it_is_changed(
    group: Group, nothing_changes: Unchanged
) -> None:
    role = await group.role(("customers:read", "own"))
    await group.admin.post(f"/roles/{role}/archive")
    async with nothing_changes():
        refused(await group.admin.patch(f"/roles/{role}", json={"name": "New"}), 409, "conflict")
    await group.admin.post(f"/roles/{role}/restore")
    assert (await group.admin.patch(f"/roles/{role}", json={"name": "New"})).status_code == 200


async def test_nobody_gives_what_he_does_not_hold_for_the_group(
    group: Group, nothing_changes: Unchanged
) -> None:
    role = await group.role(
        ("roles:write", None),
        ("roles:read", None),
        ("role_assignments:write", None),
        ("api_keys:write", None),
        ("users:write", None),
        ("customers:read", "subtree"),
    )
    giver = await group.hire(role)
    boss = await group.hire("group_administrator", None)
    place = {"business_unit_id": group.units["shanghai"]}
    async with nothing_changes():
        for path, body in (
            ("/roles", {**ROLE, "permissions": [{**OWN, "reach": "group"}]}),
            ("/roles", {**ROLE, "permissions": [{"scope": "*"}]}),
            ("/role-assignments", {"user_id": giver.id, "role_id": group.roles["sales"], **place}),
            (
                "/role-assignments",
                {"user_id": giver.id, "role_id": group.roles["group_administrator"]},
            ),
            ("/api-keys", {"name": "K", "scopes": ["customers:read"], "user_id": boss.id}),
        ):
            answer = await giver.client.post(path, json=body)
            refused(answer, 403, "forbidden")


async def test_a_key_made_by_a_user_acts_as_that_user(group: Group) -> None:
    role = await group.role(("api_keys:write", None), ("customers:read", "own"))
    person, other = await group.hire(role), await group.customer("shanghai")
    body = {"name": "Mine", "scopes": ["customers:read"]}
    key = await made(person.client, "/api-keys", body)
    assert key["user_id"] == person.id
    client = await group.with_key(key["secret"])
    assert (await client.get("/customers")).json()["data"] == []
    assert (await client.get(f"/customers/{other}")).status_code == 404
    told = (await client.get("/me")).json()
    assert (told["user"]["id"], told["scopes"]) == (person.id, ["customers:read"])


async def test_a_key_does_what_both_it_and_its_user_may(group: Group) -> None:
    person = await group.hire("sales")
    narrow = await group.key_for(person.id, "customers:read", "api_keys:write")
    refused(await narrow.post("/customers", json={"kind": "person", "name": "A"}), 403, "forbidden")
    refused(await narrow.post("/api-keys", json={}), 403, "forbidden")


async def test_who_is_suspended_is_refused_within_a_second_whatever_the_key(group: Group) -> None:
    person = await group.hire("sales")
    assert await person.sees() == set()
    await group.admin.post(f"/users/{person.id}/suspend")
    await asyncio.sleep(1.1)
    refused(await person.client.get("/customers"), 401, "unauthorized")
    await group.admin.post(f"/users/{person.id}/reactivate")
    assert await person.sees() == set()


async def test_a_front_end_acts_on_behalf_of_a_user(
    group: Group, caller: NewClient, nothing_changes: Unchanged
) -> None:
    sales = await group.hire("sales")
    mine, other = await group.customer("shanghai"), await group.customer("shanghai")
    await group.profile(mine, "shanghai", owner_id=sales.id)
    behalf = {"Crm-On-Behalf-Of": sales.id}
    answer = await group.admin.get("/customers", headers=behalf)
    assert [one["id"] for one in answer.json()["data"]] == [mine]
    assert (await group.admin.get(f"/customers/{other}", headers=behalf)).status_code == 404
    assert (await group.admin.get("/me", headers=behalf)).json()["user"]["id"] == sales.id
    refused(await group.admin.get("/roles", headers=behalf), 403, "forbidden")
    await group.admin.post(f"/users/{sales.id}/suspend")
    await asyncio.sleep(1.1)
    async with nothing_changes():
        refused(await group.admin.get("/customers", headers=behalf), 403, "forbidden")
        unknown = {"Crm-On-Behalf-Of": "usr_019a2b7c4d5e7f60a1b2c3d4e5f60718"}
        refused(await group.admin.get("/customers", headers=unknown), 403, "forbidden")


async def test_acting_on_behalf_takes_a_right_of_its_own(group: Group) -> None:
    manager, sales = await group.hire("unit_manager"), await group.hire("sales")
    problem = refused(
        await manager.client.get("/customers", headers={"Crm-On-Behalf-Of": sales.id}),
        403,
        "forbidden",
    )
    assert problem["missing_scope"] == ["users:act_as"]


async def test_an_answer_is_not_replayed_to_somebody_else(
    group: Group, nothing_changes: Unchanged
) -> None:
    """Neither a record that he does not see, nor that there is one."""
    one, other = await group.hire("sales"), await group.hire("sales")
    key, body = {"Idempotency-Key": "one"}, {"kind": "person", "name": "Anna"}
    first = await one.client.post("/customers", json=body, headers=key)
    again = await one.client.post("/customers", json=body, headers=key)
    assert (first.status_code, again.content) == (201, first.content)
    async with nothing_changes():
        theirs = await other.client.post("/customers", json=body, headers=key)
        refused(theirs, 422, "idempotency-key-reused")


async def test_it_is_explained_why_somebody_may_or_may_not(
    group: Group, nothing_changes: Unchanged
) -> None:
    sales, role = await group.hire("sales"), await group.role(("customers:read", "subtree"))
    mine, other = await group.customer("shanghai"), await group.customer("shanghai")
    await group.profile(mine, "shanghai", owner_id=sales.id)
    west = await group.give(sales, role, "west")

    async def explained(scope: str, record: str | None = None) -> Json:
        body = {"user_id": sales.id, "scope": scope, "record_id": record}
        return await made(group.admin, "/access/explain", body, 200)

    async with nothing_changes():
        own = await explained("customers:write", mine)
        assert (own["allowed"], own["reason"]) == (True, "allowed")
        told = {r["role_name"]: (r["gives"], r["reach"], r["reaches"]) for r in own["rules"]}
        assert told == {"销售": (True, "own", True), "Special": (False, None, None)}
        foreign = await explained("customers:read", other)
        assert (foreign["allowed"], foreign["reason"]) == (False, "out_of_reach")
        reaches = {rule["role_assignment_id"]: rule["reaches"] for rule in foreign["rules"]}
        assert reaches[west["id"]] is False
        assert (await explained("customers:read"))["reason"] == "allowed"
        assert (await explained("roles:write"))["reason"] == "scope_missing"
        unknown = "019a2b7c4d5e7f60a1b2c3d4e5f60718"
        for wrong, status in (
            ({"user_id": f"usr_{unknown}"}, 422),
            ({"scope": "ghosts:read"}, 422),
            ({"record_id": f"cus_{unknown}"}, 422),
            ({"record_id": f"xyz_{unknown}"}, 422),
        ):
            body = {"user_id": sales.id, "scope": "customers:read", **wrong}
            assert (await group.admin.post("/access/explain", json=body)).status_code == status
    await group.admin.post(f"/users/{sales.id}/suspend")
    await asyncio.sleep(1.1)
    assert (await explained("customers:read"))["reason"] == "user_not_active"


async def test_one_is_told_in_which_units_one_works(group: Group) -> None:
    manager = await group.hire("unit_manager", "shanghai")
    await group.give(manager, "unit_manager", "west")
    told = (await (await group.key_for(manager.id)).get("/me")).json()
    wanted = [group.units["shanghai"], group.units["west"]]
    assert (told["business_unit_ids"], told["user"]["id"]) == (sorted(wanted), manager.id)


async def test_what_is_there_from_the_beginning_has_no_history_and_was_nobodys_act(
    group: Group,
) -> None:
    history = await group.admin.get(f"/roles/{group.roles['sales']}/history")
    assert (history.status_code, history.json()["data"]) == (200, [])
    own = await group.role(("customers:read", "own"))
    assert (await group.admin.get(f"/roles/{own}/history")).status_code == 200


async def test_the_audit_names_the_key_and_the_user_on_whose_behalf(
    group: Group, house: House
) -> None:
    sales = await group.hire("sales")
    told = {"Crm-On-Behalf-Of": sales.id}
    body = {"kind": "person", "name": "Anna"}
    anna = await group.admin.post("/customers", json=body, headers=told)
    assert anna.status_code == 201
    await Sequencer(house.pool).number_all()
    key = (await group.admin.get("/me")).json()["api_key_id"]
    asked = {"object_id": anna.json()["id"]}
    (record,) = (await group.admin.get("/audit-records", params=asked)).json()["data"]
    assert (record["actor_id"], record["user_id"]) == (key, sales.id)
