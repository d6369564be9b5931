"""Records as files: what is in them, and for whom."""

import csv
import io
import json
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit import walking
from crm_api.kit.cells import guarded, listed, unguarded, unlisted
from tests.conftest import NewClient, NewTenant, Unchanged

from .conftest import Done
from .test_customers import WANG, create, refused

NDJSON = {"resource": "customers"}
CSV = {"resource": "customers", "format": "csv"}
ACME = {"kind": "organization", "name": "Acme", "uscc": "91110000600037341L"}


async def exported(client: AsyncClient, done: Done, body: dict[str, Any]) -> bytes:
    job = await done(client, await client.post("/exports", json=body))
    assert job["state"] == "succeeded", job
    result = await client.get(job["result_url"].removeprefix("/v1"))
    assert result.status_code == 200, result.text
    return result.content


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_a_line_is_what_a_get_answers(client: AsyncClient, done: Done) -> None:
    made = [await client.post("/customers", json=body) for body in (WANG, ACME)]
    content = await exported(client, done, NDJSON)
    assert content == b"".join(one.content + b"\n" for one in made)


async def test_an_export_goes_on_from_stretch_to_stretch(
    client: AsyncClient, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking.Walker.stretch, "__defaults__", ({}, walking.BEGINNING, 2))
    names = [f"Bob {n}" for n in range(7)]
    for name in names:
        await create(client, name=name, tags=["odd"] if name[-1] in "135" else [])
    lines = (await exported(client, done, NDJSON)).splitlines()
    assert [json.loads(line)["name"] for line in lines] == names
    odd = {"kind": "condition", "field": "tags", "op": "contains", "value": "odd"}
    lines = (await exported(client, done, {**NDJSON, "filter": odd})).splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["Bob 1", "Bob 3", "Bob 5"]


async def test_only_what_the_filter_and_the_state_let_pass(client: AsyncClient, done: Done) -> None:
    live, away = await create(client, source="shop"), await create(client, source="shop")
    await create(client, source="fair")
    await client.post(f"/customers/{away['id']}/archive")
    shop = {"kind": "condition", "field": "source", "op": "eq", "value": "shop"}
    for states, wanted in ((["live"], [live]), (["live", "archived"], [live, away])):
        body = {**NDJSON, "filter": shop, "state": states}
        lines = (await exported(client, done, body)).splitlines()
        assert [json.loads(line)["id"] for line in lines] == [one["id"] for one in wanted]


async def test_a_job_says_how_many_records_it_wrote(client: AsyncClient, done: Done) -> None:
    await create(client)
    job = await done(client, await client.post("/exports", json=NDJSON))
    assert (job["kind"], job["figures"]) == ("customers.export", {"records": 1})
    assert job["result_type"] == "application/x-ndjson"


async def test_a_table_has_a_column_for_each_field_system_and_contact(
    client: AsyncClient, done: Done
) -> None:
    field = {"resource": "customer", "key": "tier", "kind": "text", "labels": {"en": "Tier"}}
    await client.post("/custom-fields", json=field)
    points = [
        {"kind": "phone", "value": "+8613800138000"},
        {"kind": "email", "value": "a@example.com"},
        {"kind": "email", "value": "b@example.com", "is_primary": True},
    ]
    one = await create(
        client,
        name='王芳, "Fang"',
        tags=["vip", "a;b"],
        contact_points=points,
        external_ids={"sap": "0000104711"},
        custom={"tier": "gold"},
        born_on="1988-05-12",
    )
    content = await exported(client, done, CSV)
    assert content.startswith(b"id,external_ids.sap,kind,state,name,email,phone,wechat,tags,")
    (row,) = table(content)
    assert row["id"] == one["id"]
    assert (row["name"], row["tags"], row["born_on"]) == ('王芳, "Fang"', "vip;a\\;b", "1988-05-12")
    assert (row["phone"], row["email"]) == ("'+8613800138000", "b@example.com")
    assert (row["external_ids.sap"], row["custom.tier"], row["title"]) == ("0000104711", "gold", "")


async def test_a_table_has_the_columns_that_are_asked_for(client: AsyncClient, done: Done) -> None:
    await create(client, name="Bob")
    asked = {**CSV, "columns": ["name", "external_ids.sap"], "byte_order_mark": True}
    assert await exported(client, done, asked) == b"\xef\xbb\xbfname,external_ids.sap\r\nBob,\r\n"


async def test_a_table_of_nobody_has_a_header(client: AsyncClient, done: Done) -> None:
    assert await exported(client, done, {**CSV, "columns": ["id"]}) == b"id\r\n"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("'=1", "''=1"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("'quoted'", "'quoted'"),
    ],
)
async def test_no_cell_is_taken_for_a_formula(
    client: AsyncClient, done: Done, name: str, cell: str
) -> None:
    await create(client, name=name)
    (row,) = table(await exported(client, done, {**CSV, "columns": ["name"]}))
    assert row["name"] == cell
    assert unguarded(cell) == name


@given(st.text())
def test_every_text_comes_back_from_its_cell(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(st.lists(st.text(min_size=1).map(str.strip).filter(bool)))
def test_every_list_comes_back_from_its_cell(texts: list[str]) -> None:
    assert unlisted(listed(texts)) == texts


async def test_who_may_read_customers_one_by_one_may_not_export_them(
    caller: NewClient, new_tenant_: NewTenant, done: Done, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    needed = {"exports:read", "customers:read", "customers:export"}
    exporter = await caller(*needed, "jobs:read", tenant=tenant)
    job = await done(exporter, await exporter.post("/exports", json=NDJSON))
    result = job["result_url"].removeprefix("/v1")
    assert (await exporter.get(result)).status_code == 200
    for missing in needed:
        other = await caller(*needed - {missing}, "jobs:read", tenant=tenant)
        async with nothing_changes():
            problem = refused(await other.post("/exports", json=NDJSON), 403, "forbidden")
        assert problem["missing_scope"] == [missing]
        if missing != "exports:read":
            problem = refused(await other.get(result), 403, "forbidden")
            assert problem["missing_scope"] == [missing]


async def test_who_sees_masked_data_exports_masked_data(
    caller: NewClient, new_tenant_: NewTenant, done: Done, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    owner = await caller("*", tenant=tenant)
    secret = {"resource": "customer", "key": "note", "kind": "text", "sensitivity": "secret"}
    await owner.post("/custom-fields", json={**secret, "labels": {"en": "Note"}})
    made = await create(owner, **{**WANG, "custom": {"note": "hush"}})
    scopes = ["exports:read", "customers:read", "customers:export", "jobs:read"]
    key = {"name": "Masked", "scopes": scopes, "masked": True}
    veiled = await caller("*", tenant=tenant)
    said = (await owner.post("/api-keys", json=key)).json()["secret"]
    veiled.headers["authorization"] = f"Bearer {said}"
    shown = await veiled.get(f"/customers/{made['id']}")
    assert await exported(veiled, done, NDJSON) == shown.content + b"\n"
    content = await exported(veiled, done, CSV)
    assert b"13800138000" not in content
    assert b"custom.note" not in content
    by_phone = {"kind": "condition", "field": "phone", "op": "eq", "value": "+8613800138000"}
    async with nothing_changes():
        refused(
            await veiled.post("/exports", json={**NDJSON, "filter": by_phone}), 403, "forbidden"
        )
        hidden = {**CSV, "columns": ["custom.note"]}
        refused(await veiled.post("/exports", json=hidden), 422, "validation-failed")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**NDJSON, "columns": ["name"]}, ""),
        ({**CSV, "columns": []}, "/columns"),
        ({**CSV, "columns": ["name", "salary"]}, "/columns/1"),
        ({**CSV, "columns": ["custom.nobody"]}, "/columns/0"),
        ({**CSV, "columns": ["=1"]}, "/columns/0"),
        ({"resource": "orders"}, "/resource"),
        (
            {**NDJSON, "filter": {"kind": "condition", "field": "x", "op": "eq", "value": "y"}},
            "/filter/field",
        ),
    ],
)
async def test_what_cannot_be_exported_is_refused_at_once(
    client: AsyncClient, nothing_changes: Unchanged, body: dict[str, Any], pointer: str
) -> None:
    async with nothing_changes():
        problem = refused(await client.post("/exports", json=body), 422, "validation-failed")
    assert {error["pointer"] for error in problem["errors"]} == {pointer}


async def test_the_answer_to_a_repeated_start_leads_to_the_same_job(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    key = {"Idempotency-Key": "once"}
    first = await client.post("/exports", json=NDJSON, headers=key)
    async with nothing_changes():
        again = await client.post("/exports", json=NDJSON, headers=key)
    assert (again.status_code, again.content) == (202, first.content)
    for name in ("location", "retry-after", "etag"):
        assert again.headers[name] == first.headers[name]
    assert first.headers["location"] == f"/v1/jobs/{first.json()['id']}"
