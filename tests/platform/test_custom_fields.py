"""Definitions of a tenant's own fields, as whoever administers them meets them."""

import asyncio
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.cli.unit import operator
from crm_api.kit.context import House
from crm_api.kit.kinds import Kind
from crm_api.platform.custom_fields.resource import CUSTOM_FIELD
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import create, refused
from tests.serving import applications, client_of, tenant_and_key

Json = dict[str, Any]
OPTIONS: list[Json] = [
    {"value": "gold", "labels": {"en": "Gold", "zh-CN": "金卡"}},
    {"value": "silver", "labels": {"en": "Silver"}},
]


def definition(key: str, kind: str = "text", **more: Any) -> Json:
    return {"resource": "customer", "key": key, "kind": kind, "labels": {"en": key}, **more}


async def define(client: AsyncClient, key: str, kind: str = "text", **more: Any) -> Json:
    answer = await client.post("/custom-fields", json=definition(key, kind, **more))
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def test_what_is_defined_is_what_is_read(client: AsyncClient) -> None:
    sent = definition("tier", "select", options=OPTIONS, required=True, default="silver")
    made = await client.post("/custom-fields", json=sent)
    assert made.status_code == 201, made.text
    one = await client.get(f"/custom-fields/{made.json()['id']}")
    page = await client.get("/custom-fields")
    assert one.content == made.content
    assert page.json()["data"] == [one.json()]
    assert one.headers["etag"] == '"1"'
    shown = {**sent, "options": [{**option, "retired": False} for option in OPTIONS]}
    shown |= {"state": "live", "unique": False, "indexed": False, "sensitivity": "none"}
    assert {name: one.json()[name] for name in shown} == shown


async def test_what_is_unique_is_indexed(client: AsyncClient) -> None:
    assert (await define(client, "member_number", unique=True))["indexed"] is True


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"key": "Tier"}, "/key", "string_pattern_mismatch"),
        ({"key": "k" * 41}, "/key", "string_pattern_mismatch"),
        ({"kind": "colour"}, "/kind", "enum"),
        ({"resource": "tenant"}, "/resource", "noun_unknown"),
        ({"labels": {}}, "/labels", "too_short"),
        ({"labels": {"english": "Tier"}}, "/labels", "language_invalid"),
        ({"kind": "select"}, "/options", "options_of_kind"),
        ({"kind": "text", "options": OPTIONS}, "/options", "options_of_kind"),
        ({"kind": "select", "options": [*OPTIONS, OPTIONS[0]]}, "/options", "repeated"),
        ({"kind": "reference"}, "/reference_to", "reference_of_kind"),
        ({"reference_to": "customer"}, "/reference_to", "reference_of_kind"),
        ({"kind": "number", "max_length": 10}, "/max_length", "length_of_kind"),
        ({"indexed": True, "max_length": 501}, "/max_length", "too_long_to_index"),
        ({"unique": True, "max_length": 501}, "/max_length", "too_long_to_index"),
        ({"kind": "boolean", "unique": True}, "/unique", "never_unique"),
        ({"unique": True, "default": "x"}, "/default", "never_unique"),
        ({"kind": "number", "default": "1"}, "/default", "int_type"),
        ({"kind": "select", "options": OPTIONS, "default": "x"}, "/default", "unknown_option"),
        (
            {"kind": "multi_select", "options": OPTIONS, "default": ["gold", "x"]},
            "/default/1",
            "unknown_option",
        ),
        ({"version": 1}, "/version", "extra_forbidden"),
    ],
)
async def test_a_definition_that_contradicts_itself_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, more: Json, pointer: str, code: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/custom-fields", json=definition("tier") | more)
    problem = refused(answer, 422, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]


async def test_a_key_is_taken_once_also_by_a_retired_field(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made = await define(client, "tier")
    await client.post(f"/custom-fields/{made['id']}/retire")
    async with nothing_changes():
        again = await client.post("/custom-fields", json=definition("tier", "number"))
    problem = refused(again, 409, "duplicate-value")
    assert problem["existing"] == {"object": "custom_field", "id": made["id"]}
    assert problem["errors"][0]["pointer"] == "/key"


@pytest.mark.parametrize("name", ["key", "kind", "unique", "indexed", "reference_to", "resource"])
async def test_what_is_for_life_is_not_changed(
    client: AsyncClient, nothing_changes: Unchanged, name: str
) -> None:
    made = await define(client, "tier")
    async with nothing_changes():
        answer = await client.patch(f"/custom-fields/{made['id']}", json={name: made[name]})
    assert refused(answer, 422, "validation-failed")["errors"][0]["code"] == "extra_forbidden"


async def test_a_patch_merges_labels_and_minds_the_version(client: AsyncClient) -> None:
    made = await define(client, "tier", labels={"en": "Tier", "de": "Stufe"})
    path = f"/custom-fields/{made['id']}"
    sent = {"labels": {"de": None, "zh-CN": "等级"}, "required": True, "sensitivity": "personal"}
    changed = await client.patch(path, json=sent, headers={"If-Match": '"1"'})
    assert changed.json()["labels"] == {"en": "Tier", "zh-CN": "等级"}
    assert (changed.json()["version"], changed.json()["required"]) == (2, True)
    late = await client.patch(path, json={"description": "x"}, headers={"If-Match": '"1"'})
    refused(late, 412, "precondition-failed")
    same = await client.patch(path, json=sent)
    assert same.json()["version"] == 2
    bare = await client.patch(path, json={"labels": {"en": None, "zh-CN": None}})
    assert refused(bare, 422, "validation-failed")["errors"][0]["pointer"] == "/labels"


async def test_options_are_retired_and_never_removed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    made = await define(client, "tier", "select", options=OPTIONS, default="gold")
    path = f"/custom-fields/{made['id']}"
    async with nothing_changes():
        removed = await client.patch(path, json={"options": OPTIONS[1:]})
        retired = [OPTIONS[0] | {"retired": True}, OPTIONS[1]]
        default = await client.patch(path, json={"options": retired})
    error = refused(removed, 422, "validation-failed")["errors"][0]
    assert (error["code"], error["params"]) == ("option_removed", {"missing": ["gold"]})
    assert refused(default, 422, "validation-failed")["errors"][0]["pointer"] == "/default"
    changed = await client.patch(path, json={"options": retired, "default": None})
    assert changed.json()["options"][0]["retired"] is True
    bob = await client.post(
        "/customers", json={"kind": "person", "name": "Bob", "custom": {"tier": "gold"}}
    )
    error = refused(bob, 422, "validation-failed")["errors"][0]
    assert (error["pointer"], error["params"]) == ("/custom/tier", {"allowed": ["silver"]})


async def test_who_has_a_retired_option_may_keep_it(client: AsyncClient) -> None:
    made = await define(client, "tier", "multi_select", options=OPTIONS)
    bob = await create(client, custom={"tier": ["gold"]})
    retired = [OPTIONS[0] | {"retired": True}, OPTIONS[1]]
    await client.patch(f"/custom-fields/{made['id']}", json={"options": retired})
    both = await client.patch(
        f"/customers/{bob['id']}", json={"custom": {"tier": ["silver", "gold"]}}
    )
    assert both.json()["custom"] == {"tier": ["silver", "gold"]}


async def test_a_definition_has_legal_transitions(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    path = f"/custom-fields/{(await define(client, 'tier'))['id']}"
    async with nothing_changes():
        for verb in ("restore", "purge"):
            problem = refused(await client.post(f"{path}/{verb}"), 409, "invalid-transition")
            assert problem["current"] == "live"
    retired = (await client.post(f"{path}/retire")).json()
    assert retired["retired_at"] == retired["updated_at"]
    async with nothing_changes():
        refused(await client.post(f"{path}/retire"), 409, "invalid-transition")
        early = await client.post(f"{path}/purge")
    assert 0 < int(early.headers["retry-after"]) <= 60
    refused(early, 409, "conflict")
    restored = (await client.post(f"{path}/restore")).json()
    assert (restored["state"], restored["retired_at"]) == ("live", None)


async def test_lists_show_live_ones_of_a_noun(client: AsyncClient) -> None:
    gone, kept = await define(client, "gone"), await define(client, "kept")
    gone = (await client.post(f"/custom-fields/{gone['id']}/retire")).json()
    asked = {"resource": "customer"}
    assert (await client.get("/custom-fields", params=asked)).json()["data"] == [kept]
    retired = await client.get("/custom-fields", params=asked | {"state": "retired"})
    assert retired.json()["data"] == [gone]
    wrong = await client.get("/custom-fields", params={"resource": "dragon"})
    assert refused(wrong, 422, "validation-failed")["errors"][0]["pointer"] == "?resource"


async def test_scopes_part_those_who_read_from_those_who_define(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    made = await define(await caller("custom_fields:write", tenant=tenant), "tier")
    reader = await caller("custom_fields:read", tenant=tenant)
    assert (await reader.get(f"/custom-fields/{made['id']}")).status_code == 200
    async with nothing_changes():
        for verb in ("retire", "restore", "purge"):
            answer = await reader.post(f"/custom-fields/{made['id']}/{verb}")
            refused(answer, 403, "forbidden")
    refused(await (await caller("customers:read")).get("/custom-fields"), 403, "forbidden")


async def test_fields_belong_to_their_tenant(caller: NewClient, nothing_changes: Unchanged) -> None:
    mine, other = await caller(), await caller()
    made = await define(mine, "tier", unique=True)
    theirs = await define(other, "tier", "number")
    assert theirs["id"] != made["id"]
    async with nothing_changes():
        refused(await other.get(f"/custom-fields/{made['id']}"), 404, "not-found")
        refused(await other.post(f"/custom-fields/{made['id']}/retire"), 404, "not-found")
    assert (await create(other, custom={"tier": 7}))["custom"] == {"tier": 7}
    assert (await create(mine, custom={"tier": "7"}))["custom"] == {"tier": "7"}


async def test_a_noun_has_two_hundred_live_fields_at_most(
    client: AsyncClient, admin: "Admin[Any]", nothing_changes: Unchanged
) -> None:
    first = await define(client, "first")
    fill = """
    INSERT INTO custom_fields (tenant_id, id, resource, key, kind, labels, options, required,
      "unique", indexed, sensitivity, created_at, updated_at)
    SELECT tenant_id, gen_random_uuid(), resource, 'f' || n, kind, labels, options, false, false,
      false, 'none', created_at, updated_at
    FROM custom_fields, generate_series(1, 198) n WHERE encode(uuid_send(id), 'hex') = $1"""
    await admin.execute(fill, first["id"].removeprefix("fld_"))
    sent = [client.post("/custom-fields", json=definition(f"new_{n}")) for n in range(8)]
    codes = sorted(answer.status_code for answer in await asyncio.gather(*sent))
    assert codes == [201] + 7 * [409]
    await client.post(f"/custom-fields/{first['id']}/retire")
    await define(client, "last")
    async with nothing_changes():
        refused(await client.post(f"/custom-fields/{first['id']}/restore"), 409, "conflict")


async def test_every_change_is_told(client: AsyncClient, admin: "Admin[Any]") -> None:
    path = f"/custom-fields/{(await define(client, 'tier'))['id']}"
    bob = await create(client, custom={"tier": "gold"})
    await client.patch(path, json={"required": True})
    for verb in ("retire", "restore", "retire"):
        await client.post(f"{path}/{verb}")
    await client.post("/sandbox/clock/advance", json={"seconds": 60})
    done = await client.post(f"{path}/purge")
    assert done.json()["complete"] is True
    told = await admin.fetch(
        "SELECT type, version, data::jsonb ->> 'purged_records' AS records FROM events "
        "JOIN event_values v ON v.event_id = id AND v.tenant_id = events.tenant_id "
        "WHERE encode(uuid_send(object_id), 'hex') = $1 ORDER BY version",
        path.rpartition("_")[2],
    )
    words = "created updated retired restored retired purged".split()
    assert [row["type"] for row in told] == [f"custom_field.{word}" for word in words]
    assert [row["version"] for row in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1]["records"] == "1"
    assert (await client.get(f"/customers/{bob['id']}")).json()["version"] == 1


async def test_a_definition_can_be_rehearsed_and_repeated(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        rehearsed = await client.post(
            "/custom-fields", json=definition("tier"), headers={"Crm-Dry-Run": "true"}
        )
    assert rehearsed.status_code == 201
    assert rehearsed.headers["crm-dry-run-events"] == "custom_field.created"
    once = {"Idempotency-Key": "tier-1"}
    first = await client.post("/custom-fields", json=definition("tier"), headers=once)
    again = await client.post("/custom-fields", json=definition("tier"), headers=once)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_another_process_learns_of_a_field_when_it_is_asked_for(settings: Settings) -> None:
    """And of a retirement within a second."""
    async with applications(settings, 2) as (one, other):
        _, key = await tenant_and_key(one.state.house)
        async with client_of(one, key) as here, client_of(other, key) as there:
            await create(there)
            made = await define(here, "tier")
            bob = await create(there, custom={"tier": "gold"})
            assert bob["custom"] == {"tier": "gold"}
            await here.post(f"/custom-fields/{made['id']}/retire")
            assert (await here.get(f"/customers/{bob['id']}")).json()["custom"] == {}
            await asyncio.sleep(1.05)
            assert (await there.get(f"/customers/{bob['id']}")).json()["custom"] == {}


async def test_definitions_are_known_to_the_rest_of_the_product(
    caller: NewClient, new_tenant_: NewTenant, house: House
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    made = await define(client, "tier", "select", options=OPTIONS, sensitivity="secret")
    gone = await define(client, "gone")
    await client.post(f"/custom-fields/{gone['id']}/retire")
    known = (await operator(house, tenant).learn())["customer"]
    assert list(known) == ["tier"]
    tier = known["tier"]
    assert CUSTOM_FIELD.prefix.write(tier.id) == made["id"]
    assert (tier.kind, tier.sensitive, tier.indexed) == (Kind.select, True, False)
    assert {v: choice.retired for v, choice in tier.options.items()} == {
        "gold": False,
        "silver": False,
    }
    assert tier.labels == {"en": "tier"}
