"""Values of a tenant's own fields on customers: every door reads them the same way."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from crm_api.kit.actor import Tenant
from crm_api.kit.kinds import Kind
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.platform.test_custom_fields import OPTIONS, define

from .test_customers import create, refused

Json = dict[str, Any]
NOBODY = "cus_" + "0" * 32
KINDS: dict[str, Json] = {
    "text": {},
    "number": {},
    "decimal": {},
    "boolean": {},
    "date": {},
    "datetime": {},
    "select": {"options": OPTIONS},
    "multi_select": {"options": OPTIONS},
    "reference": {"reference_to": "customer"},
}
RIGHT: dict[str, list[tuple[Any, Any]]] = {
    "text": [("会员", "会员"), ("a" * 2000, "a" * 2000)],
    "number": [(0, 0), (-(2**53) + 1, -(2**53) + 1)],
    "decimal": [("12.50", "12.50"), ("-0.0000000001", "-0.0000000001")],
    "boolean": [(True, True), (False, False)],
    "date": [("2026-01-31", "2026-01-31")],
    "datetime": [("2026-01-31T20:00:00+08:00", "2026-01-31T12:00:00.000Z")],
    "select": [("gold", "gold")],
    "multi_select": [(["silver", "gold", "silver"], ["silver", "gold"])],
}
WRONG: dict[str, list[Any]] = {
    "text": [1, True, ["a"], {"a": 1}, "", "a" * 2001],
    "number": ["1", 1.0, 1.5, True, 2**53, [1], {}],
    "decimal": [12.5, 12, "12,50", "1e3", "NaN", " 1", "1." + "0" * 11, "1" * 19, True, ["1"]],
    "boolean": ["true", 1, 0, "on", [True], {}],
    "date": ["2026-02-30", "31.01.2026", "2026-01-31T00:00:00Z", 20260131, True, "1799-12-31"],
    "datetime": ["2026-01-31", "2026-01-31T12:00:00", 0, 0.5, True, "now"],
    "select": ["bronze", "Gold", 1, True, ["gold"], {}],
    "multi_select": ["gold", ["bronze"], [1], [["gold"]], {"gold": True}, [None]],
    "reference": ["bob", 1, ["x"], {}, "customer"],
}
REFERENCES = [NOBODY, "key_" + "0" * 32, "CUS_" + "0" * 32]


async def patch(client: AsyncClient, customer: Json, **custom: Any) -> Response:
    return await client.patch(f"/customers/{customer['id']}", json={"custom": custom})


async def read(client: AsyncClient, customer: Json) -> Json:
    found: Json = (await client.get(f"/customers/{customer['id']}")).json()
    return found


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def client(caller: NewClient, tenant: Tenant) -> AsyncClient:
    """Where each kind of field is defined twice: found by an index, and not."""
    client = await caller(tenant=tenant)
    for kind, more in KINDS.items():
        await define(client, kind, kind, **more)
        await define(client, f"found_{kind}", kind, indexed=True, **more)
    return client


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_tried(kind: Kind) -> None:
    assert kind in KINDS.keys() & WRONG.keys()


@pytest.mark.parametrize("prefix", ["", "found_"])
async def test_values_are_shown_in_one_spelling(client: AsyncClient, prefix: str) -> None:
    for kind, values in RIGHT.items():
        for sent, shown in values:
            if kind == "text" and prefix and len(sent) > 500:
                continue
            made = await client.post(
                "/customers",
                json={"kind": "person", "name": "Bob", "custom": {f"{prefix}{kind}": sent}},
            )
            assert made.json()["custom"] == {f"{prefix}{kind}": shown}, made.text
            assert (await client.get(made.headers["location"][3:])).content == made.content
            same = await patch(client, made.json(), **{f"{prefix}{kind}": sent})
            assert same.json()["version"] == 1, "nothing has changed"


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in WRONG.items() for value in values]
)
async def test_a_wrong_value_is_refused_at_every_door(
    client: AsyncClient, nothing_changes: Unchanged, kind: str, value: Any
) -> None:
    bob = await create(client, external_ids={"erp": "1"})
    custom, person = {kind: value}, {"kind": "person", "name": "Eve"}
    item = {"external_id": "2", "data": {**person, "custom": custom}}
    async with nothing_changes():
        answers = [
            await client.post("/customers", json={**person, "custom": custom}),
            await patch(client, bob, **custom),
            await client.patch("/customers/external/erp/1", json={"custom": custom}),
            await client.patch("/customers/external/erp/2", json={**person, "custom": custom}),
        ]
        batch = await client.post(
            "/customers/batch-upsert", json={"system": "erp", "items": [item]}
        )
    for answer in answers:
        errors = refused(answer, 422, "validation-failed")["errors"]
        assert all(error["pointer"].startswith(f"/custom/{kind}") for error in errors), errors
    problem = batch.json()["data"][0]["problem"]
    assert batch.status_code == 207
    assert problem["errors"][0]["pointer"].startswith(f"/data/custom/{kind}")


@pytest.mark.parametrize("value", REFERENCES)
async def test_a_reference_to_nobody_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, value: str
) -> None:
    bob = await create(client)
    async with nothing_changes():
        answer = await patch(client, bob, reference=value)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/custom/reference"


async def test_a_foreign_record_is_no_more_there_than_none(
    client: AsyncClient, caller: NewClient, nothing_changes: Unchanged
) -> None:
    foreign, bob = await create(await caller()), await create(client)
    async with nothing_changes():
        other = await patch(client, bob, reference=foreign["id"])
        none = await patch(client, bob, reference=NOBODY)
    told = refused(other, 422, "unknown-reference")
    changing = ("request_id",)
    assert {n: v for n, v in told.items() if n not in changing} == {
        n: v for n, v in none.json().items() if n not in changing
    }


async def test_a_reference_is_the_id_of_a_record(client: AsyncClient) -> None:
    eve = await create(client)
    bob = await create(client, custom={"reference": eve["id"], "found_reference": eve["id"]})
    assert bob["custom"] == {"reference": eve["id"], "found_reference": eve["id"]}


@pytest.mark.parametrize("value", [None, "x", 1, {}])
@pytest.mark.parametrize("key", ["tiers", "Tier", "~1", "a/b", "k" * 60, ""])
async def test_an_unknown_key_is_refused_by_its_place(
    client: AsyncClient, nothing_changes: Unchanged, key: str, value: Any
) -> None:
    bob = await create(client)
    async with nothing_changes():
        answer = await patch(client, bob, **{key: value})
    error = refused(answer, 422, "validation-failed")["errors"][0]
    pointer = f"/custom/{key.replace('~', '~0').replace('/', '~1')}"
    assert (error["pointer"], error["code"]) == (pointer, "unknown_field")


async def test_a_patch_merges_and_null_clears(client: AsyncClient) -> None:
    bob = await create(client, custom={"text": "a", "found_number": 1, "multi_select": ["gold"]})
    more = await patch(client, bob, text=None, boolean=False)
    assert more.json()["custom"] == {
        "boolean": False,
        "found_number": 1,
        "multi_select": ["gold"],
    }
    less = await patch(client, bob, multi_select=[], found_number=None, date=None)
    assert less.json()["custom"] == {"boolean": False}
    assert (await client.patch(f"/customers/{bob['id']}", json={"custom": {}})).json()[
        "version"
    ] == less.json()["version"]


async def test_null_is_no_map(client: AsyncClient, nothing_changes: Unchanged) -> None:
    bob = await create(client)
    wrong: list[Any] = [None, [], "x", 1]
    for custom in wrong:
        async with nothing_changes():
            answer = await client.patch(f"/customers/{bob['id']}", json={"custom": custom})
        assert refused(answer, 422, "validation-failed")["errors"][0]["pointer"] == "/custom"


async def test_required_fields_bind_what_is_written_from_then_on(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    old = await create(client)
    await define(client, "must", required=True)
    await define(client, "given", "number", required=True, default=7)
    full = await create(client, custom={"must": "x"})
    assert full["custom"] == {"must": "x", "given": 7}
    async with nothing_changes():
        bare = await client.post("/customers", json={"kind": "person", "name": "Bob"})
        cleared = await patch(client, full, must=None)
        emptied = await client.post(
            "/customers",
            json={"kind": "person", "name": "Bob", "custom": {"must": "x", "given": None}},
        )
    for answer, key in ((bare, "must"), (cleared, "must"), (emptied, "given")):
        errors = refused(answer, 422, "validation-failed")["errors"]
        assert [(e["pointer"], e["code"]) for e in errors] == [(f"/custom/{key}", "missing")]
    assert (await patch(client, old, text="still")).status_code == 200
    assert (await client.patch(f"/customers/{old['id']}", json={"name": "Rob"})).is_success


async def test_defaults_are_for_new_records_alone(client: AsyncClient) -> None:
    old = await create(client)
    await define(client, "level", "select", options=OPTIONS, default="silver", indexed=True)
    assert (await read(client, old))["custom"] == {}
    assert (await create(client))["custom"] == {"level": "silver"}
    assert (await create(client, custom={"level": "gold"}))["custom"] == {"level": "gold"}
    assert (await create(client, custom={"level": None}))["custom"] == {}
    seen = await client.patch(
        "/customers/external/erp/9", json={"kind": "person", "name": "Bob", "custom": {}}
    )
    assert (seen.status_code, seen.json()["custom"]) == (201, {"level": "silver"})


async def test_one_of_many_gets_a_unique_value(client: AsyncClient, admin: "Admin[Any]") -> None:
    await define(client, "member", "number", unique=True)
    body = {"kind": "person", "name": "Bob", "custom": {"member": 4711}}
    answers = await asyncio.gather(*(client.post("/customers", json=body) for _ in range(50)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + 49 * [409]
    won = next(answer.json() for answer in answers if answer.status_code == 201)
    late = next(answer for answer in answers if answer.status_code == 409)
    again = await client.post("/customers", json=body)
    for answer in (late, again):
        problem = refused(answer, 409, "duplicate-value")
        assert problem["errors"][0]["pointer"] == "/custom/member"
    assert again.json()["existing"] == {"object": "customer", "id": won["id"]}


async def test_numbers_that_are_equal_are_the_same_unique_value(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await define(client, "price", "decimal", unique=True)
    await create(client, custom={"price": "12.50"})
    body = {"kind": "person", "name": "Bob", "custom": {"price": "12.5"}}
    async with nothing_changes():
        refused(await client.post("/customers", json=body), 409, "duplicate-value")


async def test_an_archived_record_frees_its_values_and_restoring_takes_them(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await define(client, "member", unique=True)
    await define(client, "other", unique=True)
    first = await create(client, custom={"member": "A", "other": "1"})
    await client.post(f"/customers/{first['id']}/archive")
    second = await create(client, custom={"member": "A", "other": "2"})
    async with nothing_changes():
        back = await client.post(f"/customers/{first['id']}/restore")
    problem = refused(back, 409, "duplicate-value")
    assert problem["existing"] == {"object": "customer", "id": second["id"]}
    assert problem["errors"][0]["pointer"] == "/custom/member"
    await patch(client, second, member="B")
    assert (await client.post(f"/customers/{first['id']}/restore")).status_code == 200
    async with nothing_changes():
        refused(await patch(client, second, member="A"), 409, "duplicate-value")
    assert (await patch(client, first, member=None)).status_code == 200
    assert (await patch(client, second, member="A")).status_code == 200


async def test_an_upsert_that_restores_takes_unique_values_too(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    await define(client, "member", unique=True)
    first = await create(client, custom={"member": "A"}, external_ids={"erp": "1"})
    await client.post(f"/customers/{first['id']}/archive")
    await create(client, custom={"member": "A"})
    async with nothing_changes():
        back = await client.patch("/customers/external/erp/1", json={"name": "Bob"})
    refused(back, 409, "duplicate-value")
    back = await client.patch("/customers/external/erp/1", json={"custom": {"member": "C"}})
    assert (back.json()["state"], back.json()["custom"]) == ("live", {"member": "C"})


async def test_a_batch_tells_of_each_item(client: AsyncClient) -> None:
    await define(client, "member", unique=True)
    bob = await create(client, custom={"member": "A"}, external_ids={"erp": "0"})
    person = {"kind": "person", "name": "Eve"}
    customs: list[Json] = [
        {"member": "B"},
        {"member": "A"},
        {"member": "B"},
        {"member": 1},
        {"nope": 1},
        {"reference": bob["id"]},
        {"reference": NOBODY},
    ]
    items = [
        {"external_id": str(n), "data": {**person, "custom": custom}}
        for n, custom in enumerate(customs, start=1)
    ]
    answer = await client.post("/customers/batch-upsert", json={"system": "erp", "items": items})
    told = answer.json()["data"]
    outcomes = [one["outcome"] for one in told]
    assert outcomes == ["created", "failed", "failed", "failed", "failed", "created", "failed"]
    pointers = [one["problem"]["errors"][0]["pointer"] for one in told if one["problem"]]
    assert pointers == [
        "/data/custom/member",
        "/data/custom/member",
        "/data/custom/member",
        "/data/custom/nope",
        "/data/custom/reference",
    ]


async def test_a_batch_that_is_sent_again_changes_nothing(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    custom = {f"found_{kind}": values[0][0] for kind, values in RIGHT.items()}
    items = [
        {
            "external_id": str(n),
            "data": {
                "kind": "person",
                "name": "Eve",
                "custom": custom,
            },
        }
        for n in range(3)
    ]
    body = {"system": "erp", "items": items}
    first = (await client.post("/customers/batch-upsert", json=body)).json()["data"]
    assert {one["outcome"] for one in first} == {"created"}
    async with nothing_changes():
        again = (await client.post("/customers/batch-upsert", json=body)).json()["data"]
    assert {one["outcome"] for one in again} == {"unchanged"}


async def test_a_retired_field_is_hidden_and_unknown_until_it_is_restored(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    field = await define(client, "tier", indexed=True)
    path = f"/custom-fields/{field['id']}"
    bob = await create(client, custom={"tier": "gold", "text": "a"}, external_ids={"erp": "1"})
    await client.post(f"{path}/retire")
    one = await client.get(f"/customers/{bob['id']}", headers={"If-None-Match": '"1"'})
    assert one.status_code == 200, "what is hidden now was in the answer of that version"
    assert one.json()["custom"] == {"text": "a"}
    known = {"If-None-Match": one.headers["etag"]}
    again = await client.get(f"/customers/{bob['id']}", headers=known)
    assert again.status_code == 304
    page = await client.get("/customers")
    many = await client.post("/customers/batch-get", json={"ids": [bob["id"]]})
    by_erp = await client.get("/customers/external/erp/1")
    shown = [page.json()["data"][0], many.json()["data"][0], by_erp.json()]
    assert [seen["custom"] for seen in shown] == 3 * [{"text": "a"}]
    async with nothing_changes():
        answer = await patch(client, bob, tier="silver")
    assert refused(answer, 422, "validation-failed")["errors"][0]["code"] == "unknown_field"
    changed = await patch(client, bob, text="b")
    assert changed.json()["custom"] == {"text": "b"}
    refused(
        await client.patch(
            f"/customers/{bob['id']}", json={"name": "x"}, headers={"If-Match": '"1"'}
        ),
        412,
        "precondition-failed",
    )
    etag = (await client.get(f"/customers/{bob['id']}")).headers["etag"]
    assert (
        await client.patch(
            f"/customers/{bob['id']}", json={"name": "Rob"}, headers={"If-Match": etag}
        )
    ).status_code == 200
    await client.post(f"{path}/restore")
    assert (await read(client, bob))["custom"] == {"text": "b", "tier": "gold"}


async def rows_of(admin: "Admin[Any]", field: Json) -> int:
    sql = "SELECT count(*) FROM custom_values WHERE encode(uuid_send(field_id), 'hex') = $1"
    return int(await admin.fetchval(sql, field["id"].removeprefix("fld_")))


async def test_a_purge_leaves_nothing_and_frees_the_key(
    client: AsyncClient, tenant: Tenant, admin: "Admin[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_api.platform.custom_fields.service.AT_ONCE", 2)
    field = await define(client, "tier", unique=True)
    path = f"/custom-fields/{field['id']}"
    made = [await create(client, custom={"tier": f"t{n}", "text": "a"}) for n in range(5)]
    await client.post(f"/customers/{made[0]['id']}/archive")
    assert await rows_of(admin, field) == 5
    await client.post(f"{path}/retire")
    await client.post("/sandbox/clock/advance", json={"seconds": 60})
    told = [(await client.post(f"{path}/purge")).json() for _ in range(3)]
    assert [(one["purged_records"], one["complete"]) for one in told] == [
        (2, False),
        (4, False),
        (5, True),
    ]
    refused(await client.post(f"{path}/purge"), 404, "not-found")
    refused(await client.get(path), 404, "not-found")
    assert await rows_of(admin, field) == 0
    for left in (
        "SELECT count(*) FROM customers WHERE tenant_id = $1 AND custom ? 'tier'",
        "SELECT count(*) FROM custom_uniques WHERE tenant_id = $1 AND key = 'tier'",
    ):
        assert await admin.fetchval(left, tenant.id) == 0
    await define(client, "tier", "number")
    assert (await read(client, made[1]))["custom"] == {"text": "a"}
    assert (await patch(client, made[1], tier=1)).json()["custom"] == {"text": "a", "tier": 1}


async def test_what_is_half_purged_stays_hidden_and_cannot_come_back(
    client: AsyncClient, nothing_changes: Unchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_api.platform.custom_fields.service.AT_ONCE", 1)
    field = await define(client, "tier", indexed=True)
    path = f"/custom-fields/{field['id']}"
    made = [await create(client, custom={"tier": "x"}) for _ in range(2)]
    await client.post(f"{path}/retire")
    await client.post("/sandbox/clock/advance", json={"seconds": 60})
    assert (await client.post(f"{path}/purge")).json()["complete"] is False
    async with nothing_changes():
        refused(await client.post(f"{path}/restore"), 409, "invalid-transition")
        refused(await client.patch(path, json={"required": True}), 409, "conflict")
    assert [(await read(client, one))["custom"] for one in made] == [{}, {}]


@pytest.fixture
async def masked(caller: NewClient, client: AsyncClient, tenant: Tenant) -> AsyncClient:
    """Whoever sees masked data, where two fields are not for them."""
    await define(client, "salary", "number", sensitivity="secret", indexed=True)
    await define(client, "nickname", sensitivity="personal")
    sent = {"name": "Screen", "scopes": ["customers:read"], "masked": True}
    key = (await client.post("/api-keys", json=sent)).json()
    other = await caller(tenant=tenant)
    other.headers["Authorization"] = f"Bearer {key['secret']}"
    return other


async def test_a_masked_key_does_not_see_what_is_sensitive(
    client: AsyncClient, masked: AsyncClient
) -> None:
    own = {"salary": 1000, "nickname": "Bobby", "text": "a"}
    above = await create(client, kind="organization", name="Acme", custom=own)
    below = await create(
        client,
        kind="organization",
        name="Sub",
        parent_id=above["id"],
        custom=own,
        external_ids={"erp": "1"},
    )
    assert below["custom"] == own
    path = f"/customers/{below['id']}"
    one = await masked.get(path)
    expanded = await masked.get(path, params={"expand": "parent"})
    page = await masked.get("/customers")
    many = await masked.post("/customers/batch-get", json={"ids": [below["id"]]})
    known = await masked.get("/customers/external/erp/1")
    seen = [one.json(), expanded.json()["parent"], *page.json()["data"], *many.json()["data"]]
    assert [shown["custom"] for shown in [*seen, known.json()]] == 6 * [{"text": "a"}]
    assert one.headers["etag"] != (await client.get(path)).headers["etag"]
    refused(await masked.get(f"{path}/history"), 403, "forbidden")


async def test_look_up_rows_follow_the_values(client: AsyncClient, admin: "Admin[Any]") -> None:
    bob = await create(
        client, custom={"found_multi_select": ["gold", "silver"], "found_number": -1, "text": "a"}
    )
    listed = """
    SELECT f.key || ' ' || value FROM custom_values v
    JOIN custom_fields f ON f.tenant_id = v.tenant_id AND f.id = v.field_id
    WHERE encode(uuid_send(object_id), 'hex') = $1 ORDER BY 1"""

    async def rows() -> list[str]:
        found = await admin.fetch(listed, bob["id"].removeprefix("cus_"))
        return [row[0] for row in found]

    assert await rows() == [
        "found_multi_select gold",
        "found_multi_select silver",
        "found_number 09007199254740990",
    ]
    await patch(client, bob, found_multi_select=["gold"], found_number=None)
    assert await rows() == ["found_multi_select gold"]
    await client.post(f"/customers/{bob['id']}/archive")
    assert await rows() == ["found_multi_select gold"]


async def test_the_history_tells_of_values(client: AsyncClient) -> None:
    bob = await create(client, custom={"text": "a"})
    await patch(client, bob, text="b")
    stale = await client.patch(
        f"/customers/{bob['id']}", json={"custom": {"text": "c"}}, headers={"If-Match": '"1"'}
    )
    assert refused(stale, 412, "precondition-failed")["changed"] == [
        {
            "pointer": "/custom",
            "base": {"text": "a"},
            "theirs": {"text": "b"},
            "yours": {"text": "c"},
        }
    ]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@hypothesis(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    custom=st.dictionaries(
        st.sampled_from([*KINDS, *(f"found_{kind}" for kind in KINDS)]), JSON_VALUES, max_size=4
    )
)
async def test_whatever_is_sent_is_kept_as_told_or_refused(
    client: AsyncClient, custom: Json
) -> None:
    body = {"kind": "person", "name": "Bob", "custom": custom}
    answer = await client.post("/customers", json=body)
    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 422:
        errors = answer.json()["errors"]
        assert {error["pointer"].split("/")[1] for error in errors} <= {"custom", ""}
        return
    kept = answer.json()["custom"]
    assert kept.keys() <= {key for key, value in custom.items() if value not in (None, [])}
    assert (await patch(client, answer.json(), **kept)).json()["version"] == 1
    for key, value in kept.items():
        if key.endswith("decimal"):
            assert Decimal(value) == Decimal(custom[key])
