"""What each unit knows and decides about a customer, as a front end meets it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from crm_api.features.profiles.unit_profiles.jobs import crew
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.platform.test_business_units import unit

Json = dict[str, Any]
GRADES: list[Json] = [
    {"code": code, "labels": {"en": code}, "rank": rank}
    for rank, code in enumerate(("VIP", "A", "B", "C", "D"), start=1)
]


def later(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def made(client: AsyncClient, collection: str, **said: Any) -> Json:
    answer = await client.post(f"/{collection}", json=said)
    assert answer.status_code == 201, answer.text
    record: Json = answer.json()
    return record


async def user(client: AsyncClient, name: str) -> str:
    return str((await made(client, "users", name=name))["id"])


async def scheme(client: AsyncClient, **said: Any) -> Json:
    return await made(client, "grade-schemes", **{"name": "Group", "grades": GRADES, **said})


async def place(client: AsyncClient, name: str = "王芳") -> str:
    """Of the profile that a new unit has not begun yet, of a new customer."""
    customer = await made(client, "customers", kind="person", name=name)
    shop = await unit(client, "Shop")
    return f"/customers/{customer['id']}/unit-profiles/{shop['id']}"


async def begun(client: AsyncClient, where: str, **said: Any) -> Json:
    answer = await client.patch(where, json=said)
    assert answer.is_success, answer.text
    profile: Json = answer.json()
    return profile


async def moved(client: AsyncClient, where: str, to: str, **said: Any) -> Response:
    return await client.post(f"{where}/move", json={"to": to, **said})


async def listed(client: AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/unit-profiles", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["data"]]


async def changes(client: AsyncClient, house: House, profile: Json) -> list[Json]:
    """What became of a profile, newest first."""
    await Sequencer(house.pool).number_all()
    answer = await client.get(f"/unit-profiles/{profile['id']}/history")
    assert answer.status_code == 200, answer.text
    records: list[Json] = answer.json()["data"]
    return records


async def test_a_profile_begins_with_its_first_patch_and_is_changed_by_the_next(
    client: AsyncClient,
) -> None:
    where, owner = await place(client), await user(client, "李娜")
    await scheme(client)
    said = {
        "owner_id": owner,
        "grade": "A",
        "credit_limit": {"amount": "50000.5", "currency": "CNY"},
        "credit_days": 30,
        "last_contact_at": "2026-11-20T08:00:00.000Z",
    }
    first = await client.patch(where, json=said)
    assert first.status_code == 201, first.text
    profile = first.json()
    assert first.headers["location"] == f"/v1/unit-profiles/{profile['id']}"
    assert profile == profile | said | {
        "credit_limit": {"amount": "50000.50", "currency": "CNY"},
        "grade_source": "manual",
        "grade_expires_at": None,
        "collaborator_ids": [],
        "lifecycle": "prospect",
        "lifecycle_before": None,
        "lifecycle_reason": None,
        "lifecycle_changed_at": profile["created_at"],
        "version": 1,
    }
    for path in (where, f"/unit-profiles/{profile['id']}"):
        read = await client.get(path)
        assert (read.content, read.headers["etag"]) == (first.content, first.headers["etag"])
    same = await client.patch(where, json=said)
    assert (same.status_code, same.content) == (200, first.content)
    second = await client.patch(where, json={"owner_id": None, "credit_limit": None})
    assert second.json()["version"] == 2
    assert (second.json()["owner_id"], second.json()["credit_limit"]) == (None, None)
    assert second.json()["credit_days"] == 30


async def test_what_a_unit_knows_no_other_unit_changes(client: AsyncClient) -> None:
    customer = await made(client, "customers", kind="person", name="王芳")
    above = f"/customers/{customer['id']}/unit-profiles"
    shops = [(await unit(client, name))["id"] for name in ("East", "West")]
    east, west = [await begun(client, f"{above}/{shop}", credit_days=9) for shop in shops]
    assert east["id"] != west["id"]
    await begun(client, f"{above}/{shops[0]}", credit_days=60)
    assert (await client.get(f"{above}/{shops[1]}")).json() == west
    page = (await client.get(above)).json()
    assert [one["id"] for one in page["data"]] == [west["id"], east["id"]]
    first = (await client.get(above, params={"limit": 1})).json()
    rest = await client.get(above, params={"limit": 1, "cursor": first["next_cursor"]})
    assert [one["id"] for one in rest.json()["data"]] == [east["id"]]


async def test_two_who_begin_at_once_begin_one_profile(client: AsyncClient) -> None:
    where = await place(client)
    users = [await user(client, f"U{n}") for n in range(8)]
    answers = await asyncio.gather(
        *(client.patch(where, json={"owner_id": owner}) for owner in users)
    )
    assert sorted(a.status_code for a in answers) == [200] * 7 + [201], answers[0].text
    assert len({a.json()["id"] for a in answers}) == 1
    assert sorted(a.json()["version"] for a in answers) == list(range(1, 9))


async def test_collaborators_are_added_and_removed_whatever_others_do(client: AsyncClient) -> None:
    where = await place(client)
    users = [await user(client, f"U{n}") for n in range(5)]
    profile = await begun(client, where, collaborator_ids=[users[0], users[0]])
    assert profile["collaborator_ids"] == users[:1]
    answers = await asyncio.gather(
        *(
            client.post(f"{where}/add-collaborators", json={"collaborator_ids": [one, users[0]]})
            for one in users[1:]
        )
    )
    assert [a.status_code for a in answers] == [200] * 4
    assert sorted((await client.get(where)).json()["collaborator_ids"]) == sorted(users)
    gone = await client.post(f"{where}/remove-collaborators", json={"collaborator_ids": users[1:3]})
    assert sorted(gone.json()["collaborator_ids"]) == sorted([users[0], *users[3:]])
    assert await listed(client, collaborator_id=users[3]) == [profile["id"]]
    assert await listed(client, collaborator_id=users[1]) == []
    assert await listed(client, collaborator_id=users[1:]) == [profile["id"]]


async def test_a_customer_has_at_most_fifty_collaborators_of_a_unit(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    where = await place(client)
    users = [await user(client, f"U{n}") for n in range(51)]
    await begun(client, where, collaborator_ids=users[:50])
    async with nothing_changes():
        answer = await client.post(
            f"{where}/add-collaborators", json={"collaborator_ids": users[50:]}
        )
    refused(answer, 409, "conflict")


async def test_a_lifecycle_goes_its_ways_and_back_from_blocked(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    where = await place(client)
    profile = await begun(client, where)
    for to in ("active", "dormant", "blocked"):
        answer = await moved(client, where, to, reason=f"Now {to}")
        assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["lifecycle"], told["lifecycle_before"]) == ("blocked", "dormant")
    async with nothing_changes():
        problem = refused(await moved(client, where, "active"), 409, "invalid-transition")
    assert (problem["current"], problem["allowed"]) == ("blocked", ["dormant"])
    back = (await moved(client, where, "dormant")).json()
    assert (back["lifecycle"], back["lifecycle_before"]) == ("dormant", None)
    assert back["lifecycle_reason"] is None
    for to, allowed in (("prospect", ["active", "lost", "blocked"]), ("dormant", None)):
        async with nothing_changes():
            problem = refused(await moved(client, where, to), 409, "invalid-transition")
        assert allowed is None or problem["allowed"] == allowed
    records = await changes(client, house, profile)
    told_of = [r["type"].partition(".")[2] for r in records]
    assert told_of == ["lifecycle_changed"] * 4 + ["created"]
    assert all(r["actor_id"].startswith("key_") and r["created_at"] for r in records)
    assert records[1]["changes"]["lifecycle"] == {"old": "dormant", "new": "blocked"}
    assert records[1]["changes"]["lifecycle_reason"] == {"old": "Now dormant", "new": "Now blocked"}


async def test_a_grade_is_one_of_the_scheme_in_force(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    where = await place(client)
    async with nothing_changes():
        problem = refused(await client.patch(where, json={"grade": "A"}), 422, "validation-failed")
    assert problem["errors"][0]["code"] == "no_grade_scheme"
    group = await scheme(client)
    async with nothing_changes():
        problem = refused(await client.patch(where, json={"grade": "Z"}), 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/grade"
    assert problem["errors"][0]["message"] == "Send one of VIP, A, B, C, D."
    profile = await begun(client, where, grade="D")
    assert (profile["grade"], profile["grade_scheme_id"]) == ("D", group["id"])
    few = await client.patch(f"/grade-schemes/{group['id']}", json={"grades": GRADES[:2]})
    assert few.status_code == 200
    assert await begun(client, where, grade="D") == profile  # as it was given
    none = await begun(client, where, grade=None)
    held = {name: none[name] for name in none if name.startswith("grade")}
    assert set(held.values()) == {None}


async def test_a_grade_ends_when_its_time_is_over(
    client: AsyncClient, house: House, nothing_changes: Unchanged
) -> None:
    where, _ = await place(client), await scheme(client)
    profile = await begun(client, where, grade="VIP", grade_expires_at=later(hours=2))
    await begun(client, where, grade_expires_at=later(hours=1))
    await end(house)
    assert (await client.get(where)).json()["grade"] == "VIP"
    await client.post("/sandbox/clock/advance", json={"seconds": 3700})
    await end(house)
    after = (await client.get(where)).json()
    assert (after["grade"], after["grade_expires_at"], after["grade_scheme_id"]) == (None,) * 3
    records = await changes(client, house, profile)
    assert records[0]["type"] == "unit_profile.grade_expired"
    assert records[0]["changes"]["grade"] == {"old": "VIP", "new": None}
    async with nothing_changes():
        await end(house)


async def test_a_grade_that_is_prolonged_or_replaced_meanwhile_does_not_end(
    client: AsyncClient, house: House
) -> None:
    prolonged, replaced = await place(client), await place(client)
    await scheme(client)
    for where in (prolonged, replaced):
        await begun(client, where, grade="VIP", grade_expires_at=later(hours=1))
    await begun(client, prolonged, grade_expires_at=later(hours=9))
    lasting = await begun(client, replaced, grade="B")
    assert lasting["grade_expires_at"] is None
    await client.post("/sandbox/clock/advance", json={"seconds": 2 * 3600})
    await end(house)
    assert (await client.get(prolonged)).json()["grade"] == "VIP"
    assert (await client.get(replaced)).json() == lasting
    await client.post("/sandbox/clock/advance", json={"seconds": 8 * 3600})
    await end(house)
    assert (await client.get(prolonged)).json()["grade"] is None
    assert (await client.get(replaced)).json() == lasting


async def end(house: House) -> None:
    await do_once([crew(house)], asyncio.Event())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"grade": "A", "grade_expires_at": "2020-01-01T00:00:00Z"}, "in_the_past"),
        ({"grade_expires_at": "2099-01-01T00:00:00Z"}, "no_grade"),
        ({"grade": None, "grade_expires_at": "2099-01-01T00:00:00Z"}, "no_grade"),
    ],
)
async def test_no_grade_ends_before_it_began(
    client: AsyncClient, nothing_changes: Unchanged, said: Json, code: str
) -> None:
    where, _ = await place(client), await scheme(client)
    async with nothing_changes():
        problem = refused(await client.patch(where, json=said), 422, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/grade_expires_at", code)]


async def test_who_has_not_seen_a_profile_does_not_overwrite_it(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    where = await place(client)
    async with nothing_changes():
        early = await client.patch(where, json={}, headers={"If-Match": '"1"'})
    refused(early, 412, "precondition-failed")
    await begun(client, where)
    await begun(client, where, credit_days=5)
    for late in (
        client.patch(where, json={"credit_days": 7}, headers={"If-Match": '"1"'}),
        client.post(f"{where}/move", json={"to": "lost"}, headers={"If-Match": '"1"'}),
    ):
        async with nothing_changes():
            problem = refused(await late, 412, "precondition-failed")
        assert problem["current_version"] == 2
    seen = await client.patch(where, json={"credit_days": 7}, headers={"If-Match": '"2"'})
    assert seen.json()["version"] == 3


async def test_profiles_of_an_archived_customer_are_only_read(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    where, somebody = await place(client), await user(client, "李娜")
    profile = await begun(client, where)
    customer = where.partition("/unit-profiles")[0]
    assert (await client.post(f"{customer}/archive")).status_code == 200
    other = f"{customer}/unit-profiles/{(await unit(client, 'Other'))['id']}"
    who = {"collaborator_ids": [somebody]}
    async with nothing_changes():
        for answer in (
            await client.patch(where, json={"credit_days": 5}),
            await client.patch(other, json={}),
            await moved(client, where, "active"),
            await client.post(f"{where}/add-collaborators", json=who),
            await client.post(f"{where}/remove-collaborators", json=who),
        ):
            refused(answer, 409, "conflict")
    assert (await client.get(where)).json() == profile


async def test_a_customer_is_not_archived_beneath_a_change_of_its_profile(
    client: AsyncClient, house: House
) -> None:
    """Whichever comes first: a profile never changes after its customer has been archived."""
    where = await place(client)
    customer = where.partition("/unit-profiles")[0]
    answers = await asyncio.gather(
        *(client.patch(where, json={"credit_days": days}) for days in range(1, 9)),
        client.post(f"{customer}/archive"),
    )
    assert {a.status_code for a in answers} <= {200, 201, 409}
    archived, found = answers[-1].json(), await client.get(where)
    if found.status_code == 200:
        assert found.json()["updated_at"] <= archived["updated_at"]


async def test_nothing_is_begun_where_there_is_no_customer_or_unit(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    where = await place(client)
    closed = await unit(client, "Closed")
    await client.post(f"/business-units/{closed['id']}/archive")
    nobody, nowhere = f"cus_{'f' * 32}", f"bun_{'f' * 32}"
    _, _, customer, _, shop = where.split("/")
    async with nothing_changes():
        for customer_id, unit_id in ((nobody, shop), (customer, nowhere)):
            path = f"/customers/{customer_id}/unit-profiles/{unit_id}"
            refused(await client.get(path), 404, "not-found")
            refused(await client.patch(path, json={}), 404, "not-found")
        refused(await client.get(where), 404, "not-found")
        refused(await moved(client, where, "active"), 404, "not-found")
        refused(await client.get(f"/customers/{nobody}/unit-profiles"), 404, "not-found")
        archived = f"/customers/{customer}/unit-profiles/{closed['id']}"
        refused(await client.patch(archived, json={}), 409, "conflict")
    assert (await client.get(f"/customers/{customer}/unit-profiles")).json()["data"] == []


@pytest.mark.parametrize("field", ["owner_id", "collaborator_ids"])
async def test_customers_are_given_to_users_who_are_there(
    client: AsyncClient, nothing_changes: Unchanged, field: str
) -> None:
    where, nobody, gone = await place(client), f"usr_{'f' * 32}", await user(client, "Gone")
    said = {field: gone if field == "owner_id" else [gone]}
    profile = await begun(client, where, **said)
    for verb in ("activate", "depart"):
        assert (await client.post(f"/users/{gone}/{verb}")).status_code == 200
    assert await begun(client, where, **said) == profile  # as it was
    other = await place(client)
    for who in (nobody, gone):
        async with nothing_changes():
            first = await client.patch(other, json={field: who if field == "owner_id" else [who]})
        pointer = f"/{field}" if field == "owner_id" else f"/{field}/0"
        assert refused(first, 422, "unknown-reference")["errors"][0]["pointer"] == pointer


async def test_the_customers_of_a_unit_a_branch_and_an_owner_are_listed(
    client: AsyncClient,
) -> None:
    east = await unit(client, "East")
    shop = await unit(client, "Shop", parent_id=east["id"])
    west = await unit(client, "West")
    owner, _ = await user(client, "李娜"), await scheme(client)
    profiles = []
    for n, at in enumerate((east, shop, west)):
        customer = await made(client, "customers", kind="person", name=f"C{n}")
        where = f"/customers/{customer['id']}/unit-profiles/{at['id']}"
        said: Json = {"owner_id": owner} if at is not east else {"grade": "VIP"}
        profiles.append((await begun(client, where, **said))["id"])
    await moved(client, where, "active")
    assert await listed(client, business_unit_id=east["id"]) == profiles[:1]
    assert await listed(client, under=east["id"]) == profiles[1::-1]
    assert await listed(client, owner_id=owner) == profiles[:0:-1]
    assert await listed(client, owner_id=owner, under=east["id"]) == [profiles[1]]
    assert await listed(client, grade=["VIP", "A"]) == profiles[:1]
    assert await listed(client, lifecycle="active") == profiles[2:]
    assert await listed(client, customer_id=customer["id"]) == profiles[2:]
    assert await listed(client, sort="created_at") == profiles
    answer = await client.get("/unit-profiles", params={"owner_id": owner, "expand": "customer"})
    assert [one["customer"]["name"] for one in answer.json()["data"]] == ["C2", "C1"]
    one = await client.get(f"/unit-profiles/{profiles[0]}", params={"expand": "customer"})
    assert one.json()["customer"]["name"] == "C0"


async def test_profiles_are_found_by_what_their_customers_are(client: AsyncClient) -> None:
    found: list[Json] = []
    for name, source in (("王芳", "shop"), ("李娜", "fair"), ("张伟", "shop")):
        where = await place(client, name)
        await client.patch(where.partition("/unit-profiles")[0], json={"source": source})
        found.append(await begun(client, where, credit_days=len(found)))
    asked = {
        "filter": {
            "kind": "all",
            "of": [
                {"kind": "condition", "field": "customer.source", "op": "eq", "value": "shop"},
                {"kind": "condition", "field": "credit_days", "op": "gt", "value": 0},
                {"kind": "condition", "field": "lifecycle", "op": "eq", "value": "prospect"},
            ],
        },
        "expand": ["customer"],
    }
    answer = await client.post("/unit-profiles/search", json=asked)
    assert answer.status_code == 200, answer.text
    assert [one["customer"]["name"] for one in answer.json()["data"]] == ["张伟"]
    fields = (await client.get("/filter-fields", params={"resource": "unit_profiles"})).json()
    assert {"lifecycle", "owner_id", "customer.name"} <= {f["field"] for f in fields["fields"]}


async def test_who_may_not_read_customers_learns_nothing_of_them_by_profiles(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    where = await place(client)
    profile = await begun(client, where)
    clerk = await caller("unit_profiles:read", tenant=tenant)
    assert (await clerk.get(where)).json() == profile
    source = {"kind": "condition", "field": "customer.source", "op": "exists", "value": True}
    async with nothing_changes():
        for answer in (
            await clerk.get("/unit-profiles", params={"expand": "customer"}),
            await clerk.get(where, params={"expand": "customer"}),
            await clerk.get(f"/unit-profiles/{profile['id']}", params={"expand": "customer"}),
            await clerk.post("/unit-profiles/search", json={"filter": source}),
            await clerk.post("/unit-profiles/search", json={"expand": ["customer"]}),
        ):
            problem = refused(answer, 403, "forbidden")
            assert problem["missing_scope"] == ["customers:read"]
    fields = (await clerk.get("/filter-fields", params={"resource": "unit_profiles"})).json()
    assert not [f for f in fields["fields"] if f["field"].startswith("customer.")]


async def test_the_database_keeps_a_profile_whole(client: AsyncClient, admin: "Admin[Any]") -> None:
    profile = await begun(client, await place(client))
    for wrong in (
        "grade = 'A'",
        "grade_expires_at = now()",
        "lifecycle = 'blocked'",
        "lifecycle_before = 'active'",
        "credit_limit = 5",
        "credit_limit = -1, credit_currency = 'CNY'",
        "credit_days = -1",
    ):
        with pytest.raises(Exception, match="violates check constraint"):
            await admin.execute(
                f"UPDATE unit_profiles SET {wrong} WHERE id = $1", profile["id"][4:]
            )


async def test_a_rehearsal_begins_nothing(client: AsyncClient, nothing_changes: Unchanged) -> None:
    where, _ = await place(client), await scheme(client)
    said = {"grade": "A", "grade_expires_at": later(days=1)}
    async with nothing_changes():
        answer = await client.patch(where, json=said, headers={"Crm-Dry-Run": "true"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["crm-dry-run-events"] == "unit_profile.created"


async def test_units_and_customers_of_another_tenant_are_not_there(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenants: list[Tenant] = [await new_tenant_(), await new_tenant_()]
    own, other = [await caller(tenant=tenant) for tenant in tenants]
    mine, theirs = [(await place(side)).split("/") for side in (own, other)]
    for customer, at in ((mine[2], theirs[4]), (theirs[2], mine[4]), (theirs[2], theirs[4])):
        path = f"/customers/{customer}/unit-profiles/{at}"
        async with nothing_changes():
            refused(await own.patch(path, json={}), 404, "not-found")
            refused(await own.get(path), 404, "not-found")
