"""Files as records: every line has one outcome, and a bad line costs itself."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from crm_api.kit import lines as lines_
from tests.conftest import NewClient, Unchanged

from .conftest import Done
from .test_customers import create, refused

ERP = {"resource": "customers", "system": "erp"}
NDJSON, CSV = {"content-type": "application/x-ndjson"}, {"content-type": "text/csv"}
FILES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    Path("tests/hostile/imports.yaml").read_text("utf-8")
)


def item(id: str, **data: Any) -> str:
    return json.dumps({"external_id": id, "data": data}) + "\n"


async def sent(
    client: AsyncClient, file: str | bytes, headers: Any = CSV, **asked: Any
) -> Response:
    return await client.post("/imports", params={**ERP, **asked}, content=file, headers=headers)


async def report(client: AsyncClient, job: dict[str, Any]) -> list[dict[str, Any]]:
    assert job["state"] == "succeeded", job
    result = await client.get(job["result_url"].removeprefix("/v1"))
    return [json.loads(line) for line in result.text.splitlines()]


async def known(client: AsyncClient, id: str) -> dict[str, Any]:
    found = await client.get(f"/customers/external/erp/{id}")
    assert found.status_code == 200, found.text
    return dict(found.json())


async def test_each_line_is_created_changed_or_left_as_it_is(
    client: AsyncClient, done: Done
) -> None:
    first = item("1", kind="person", name="Bob") + item("2", kind="person", name="Eve")
    job = await done(client, await sent(client, first, NDJSON))
    assert (job["kind"], job["figures"]) == ("customers.import", {"lines": 2, "created": 2})
    second = item("1", name="Rob") + item("2", name="Eve") + item("3", kind="person", name="Ann")
    told = await report(client, await done(client, await sent(client, second, NDJSON)))
    assert [one["outcome"] for one in told] == ["updated", "unchanged", "created"]
    assert [(one["line"], one["external_id"]) for one in told] == [(1, "1"), (2, "2"), (3, "3")]
    rob = await known(client, "1")
    assert (rob["name"], rob["version"]) == ("Rob", 2)
    assert (told[0]["id"], told[0]["version"], told[0]["problem"]) == (rob["id"], 2, None)


async def test_a_table_says_what_a_customer_is(client: AsyncClient, done: Done) -> None:
    for key, kind in (("tier", "text"), ("points", "number"), ("vip", "boolean")):
        field = {"resource": "customer", "key": key, "kind": kind, "labels": {"en": key}}
        await client.post("/custom-fields", json=field)
    file = (
        "external_id,kind,name,email,phone,tags,born_on,custom.tier,custom.points,custom.vip,"
        "external_ids.shop\r\n"
        '7,person,"王芳, Fang",Wang@Example.com,138 0013 8000,a;b\\;c,1988-05-12,gold,-5,TRUE,'
        "s-1\r\n"
    )
    (told,) = await report(client, await done(client, await sent(client, file)))
    assert told["outcome"] == "created", told
    one = await known(client, "7")
    assert (one["name"], one["tags"], one["born_on"]) == ("王芳, Fang", ["a", "b;c"], "1988-05-12")
    assert one["custom"] == {"tier": "gold", "points": -5, "vip": True}
    assert one["external_ids"] == {"erp": "7", "shop": "s-1"}
    points = [(p["kind"], p["value"], p["is_primary"]) for p in one["contact_points"]]
    assert points == [
        ("email", "wang@example.com", True),
        ("phone", "+8613800138000", True),
    ]


async def test_a_cell_makes_a_contact_point_the_first_and_leaves_the_others(
    client: AsyncClient, done: Done
) -> None:
    points = [
        {"kind": "phone", "value": "+8613800138000", "label": "work"},
        {"kind": "phone", "value": "+8613900139000", "is_primary": True},
        {"kind": "email", "value": "a@example.com"},
    ]
    await create(client, external_ids={"erp": "7"}, contact_points=points)
    file = "external_id,phone,email,name\n7,13800138000,b@example.com,\n"
    (told,) = await report(client, await done(client, await sent(client, file)))
    assert told["outcome"] == "updated", told
    one = await known(client, "7")
    assert one["name"] == "Bob"
    assert [(p["value"], p["label"], p["is_primary"]) for p in one["contact_points"]] == [
        ("+8613800138000", "work", True),
        ("+8613900139000", None, False),
        ("a@example.com", None, False),
        ("b@example.com", None, True),
    ]
    (again,) = await report(client, await done(client, await sent(client, file)))
    assert again["outcome"] == "unchanged"


async def test_what_was_exported_as_a_table_changes_nothing_when_it_is_imported(
    client: AsyncClient, done: Done
) -> None:
    field = {"resource": "customer", "key": "many", "kind": "multi_select", "labels": {"en": "M"}}
    options = [{"value": v, "labels": {"en": v}} for v in ("a", "b")]
    await client.post("/custom-fields", json={**field, "options": options})
    note = {"resource": "customer", "key": "note", "kind": "text", "labels": {"en": "Note"}}
    await client.post("/custom-fields", json=note)
    await create(
        client,
        name="=SUM(A1)",
        tags=["'=x", "a;b\\", "-5"],
        external_ids={"erp": "+1"},
        contact_points=[{"kind": "phone", "value": "+8613800138000"}],
        custom={"many": ["a", "b"], "note": " two\nlines "},
        acquired_at="2026-01-31T12:00:00Z",
        title="\u3000采购经理 ",
    )
    await create(client, kind="organization", name="Acme", external_ids={"erp": "2", "sap": "x"})
    exported = await done(
        client, await client.post("/exports", json={"resource": "customers", "format": "csv"})
    )
    table = (await client.get(exported["result_url"].removeprefix("/v1"))).content
    told = await report(client, await done(client, await sent(client, table)))
    assert [one["outcome"] for one in told] == ["unchanged", "unchanged"], told


async def test_a_bad_line_costs_itself(client: AsyncClient, done: Done) -> None:
    """Row I9: each in its own way, with the others going on."""
    taken = "91110000600037341L"
    await create(client, kind="organization", name="Acme", uscc=taken)
    file = "".join(
        [
            item("1", kind="person", name="Good"),
            item("2", kind="person", name="Bad", contact_points=[{"kind": "email", "value": "x"}]),
            item("3", kind="robot", name="Unknown"),
            item("4", kind="person", name="x" * 201),
            item("1", kind="person", name="Twice"),
            item("5", kind="organization", name="Taken", uscc=taken),
            item("6", kind="organization", name="Below", parent_id="cus_" + "f" * 32),
            item("7", name="Kindless"),
            item("", kind="person", name="Nameless"),
            '{"external_id": "8", "data": {"kind": "person", "name": "a", "name": "b"}}\n',
            '{"external_id": "9", "data": {"kind": "person", "name": "NUL\\u0000"}}\n',
            "not json\n",
            "[]\n",
            "\n",
            item("10", kind="person", name="Good"),
        ]
    )
    job = await done(client, await sent(client, file, NDJSON))
    assert job["figures"] == {"lines": 14, "created": 2, "failed": 12}
    told = {one["line"]: one for one in await report(client, job)}
    assert sorted(told) == [*range(1, 14), 15]
    wanted = {
        2: ("validation-failed", "/data/contact_points/0/value"),
        3: ("validation-failed", "/data/kind"),
        4: ("validation-failed", "/data/name"),
        5: ("validation-failed", "/external_id"),
        6: ("duplicate-value", "/data/uscc"),
        7: ("unknown-reference", "/data/parent_id"),
        8: ("validation-failed", "/data/kind"),
        9: ("validation-failed", "/external_id"),
        10: ("malformed-json", None),
        11: ("validation-failed", "/data/name"),
        12: ("malformed-json", None),
        13: ("validation-failed", ""),
    }
    for line, (code, pointer) in wanted.items():
        problem = told[line]["problem"]
        pointers = [error["pointer"] for error in problem["errors"]] or [None]
        assert (problem["code"], pointers) == (code, [pointer]), problem
        assert problem["instance"] == f"#/lines/{line}"
        assert (told[line]["outcome"], told[line]["id"]) == ("failed", None)
    assert {told[line]["outcome"] for line in (1, 15)} == {"created"}


async def test_a_bad_cell_is_told_by_its_line_and_column(client: AsyncClient, done: Done) -> None:
    field = {"resource": "customer", "key": "points", "kind": "number", "labels": {"en": "Points"}}
    await client.post("/custom-fields", json=field)
    file = (
        "external_id;kind;name;phone;custom.points\n"
        '1;person;"two\nlines";;\n'
        "2;person;Bob;12;\n"
        "3;person;Bob;;many\n"
        "4;person;Bob\n"
        ";person;Bob;;\n"
        "5; person ;Bob;; 7 \n"
    )
    told = await report(client, await done(client, await sent(client, file)))
    found = [
        (one["line"], [e["pointer"] for e in (one["problem"] or {"errors": []})["errors"]])
        for one in told
    ]
    assert found == [
        (2, ["/name"]),
        (4, ["/phone"]),
        (5, ["/custom/points"]),
        (6, [""]),
        (7, ["/external_id"]),
        (8, []),
    ]
    assert [error["code"] for error in told[4]["problem"]["errors"]] == ["missing"]


@pytest.mark.parametrize(
    "case", FILES["rejected"], ids=lambda case: f"{case['row']} {case['title']}"
)
async def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    client: AsyncClient, nothing_changes: Unchanged, case: dict[str, Any]
) -> None:
    headers = {"content-type": case.get("type", "text/csv")}
    async with nothing_changes():
        problem = refused(await sent(client, content(case), headers), 422, "file-rejected")
    assert [error["code"] for error in problem["errors"]] == [case["code"]]


@pytest.mark.parametrize("case", FILES["read"], ids=lambda case: f"{case['row']} {case['title']}")
async def test_a_table_is_read_as_it_was_meant(
    client: AsyncClient, done: Done, case: dict[str, Any]
) -> None:
    headers = {"content-type": case.get("type", "text/csv")}
    told = await report(client, await done(client, await sent(client, content(case), headers)))
    assert [one["outcome"] for one in told] == ["created"] * len(case["names"]), told
    names = [(await known(client, one["external_id"]))["name"] for one in told]
    assert names == case["names"]


def content(case: dict[str, Any]) -> bytes:
    text = case["text"]
    for name, times in case.get("repeat", {}).items():
        text = text.replace(f"@{name}@", name * times)
    if "columns" in case:
        text = text.replace("@columns@", ",".join(f"a{n}".translate(LETTERS) for n in range(5000)))
    mark, encoding = str(case.get("bom", "")), str(case.get("encoding", "utf-8"))
    return bytes.fromhex(mark) + str(text).encode(encoding)


LETTERS = str.maketrans("0123456789", "abcdefghij")


async def test_a_rehearsal_reports_the_same_and_writes_nothing(
    client: AsyncClient, done: Done, admin: "Admin[Any]"
) -> None:
    await create(client, external_ids={"erp": "1"}, name="Bob")
    file = item("1", name="Rob") + item("2", kind="person", name="Eve") + item("3", name="x")
    count = "SELECT count(*) FROM customers c JOIN events e ON e.object_id = c.id"
    before = await admin.fetchval(count)
    dry = await done(client, await sent(client, file, NDJSON, dry_run="true"))
    assert await admin.fetchval(count) == before
    assert (await known(client, "1"))["name"] == "Bob"
    real = await done(client, await sent(client, file, NDJSON))
    assert (
        dry["figures"] == real["figures"] == {"lines": 3, "updated": 1, "created": 1, "failed": 1}
    )
    outcomes = [[one["outcome"] for one in await report(client, job)] for job in (dry, real)]
    assert outcomes[0] == outcomes[1]


async def test_the_same_file_twice_or_at_once_makes_no_record_twice(
    client: AsyncClient, done: Done, admin: "Admin[Any]"
) -> None:
    """Row I10."""
    file = "".join(item(str(n), kind="person", name=f"Bob {n}") for n in range(1200))
    accepted = await asyncio.gather(*[sent(client, file, NDJSON) for _ in range(2)])
    jobs = [await done(client, one) for one in accepted]
    counted = {k: sum(job["figures"].get(k, 0) for job in jobs) for k in ("created", "unchanged")}
    assert counted == {"created": 1200, "unchanged": 1200}
    again = await done(client, await sent(client, file, NDJSON))
    assert again["figures"] == {"lines": 1200, "unchanged": 1200}
    tenant = (await client.get("/me")).json()["tenant"]["id"].removeprefix("ten_")
    made = "SELECT count(*) FROM customers WHERE tenant_id = $1::text::uuid"
    assert await admin.fetchval(made, tenant) == 1200


async def test_a_file_is_kept_in_parts_and_forgotten_when_it_is_done(
    client: AsyncClient, done: Done, admin: "Admin[Any]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_, "LARGEST", 2000)
    file = "".join(item(str(n), kind="person", name=f"Bob {n}") for n in range(100))
    accepted = await sent(client, file, NDJSON)
    parts = "SELECT count(*), max(length(bytes)) FROM job_parts WHERE job_id = $1::text::uuid"
    id = accepted.json()["id"].removeprefix("job_")
    kept = await admin.fetchrow(parts + " AND file = 'sent'", id)
    assert kept is not None
    assert kept[0] > 3
    assert kept[1] <= 2000
    told = await report(client, await done(client, accepted))
    assert [one["line"] for one in told] == list(range(1, 101))
    assert (
        await admin.fetchval(parts.replace(", max(length(bytes))", "") + " AND file = 'sent'", id)
        == 0
    )


async def test_a_large_file_is_taken_and_a_larger_one_is_not(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    line = item("1", kind="person", name="x" * 150)
    file = (line * (3 * 1_048_576 // len(line))).encode()
    assert (await sent(client, file, NDJSON)).status_code == 202
    async with nothing_changes():
        refused(await sent(client, b" " * (32 * 1_048_576 + 1), NDJSON), 413, "payload-too-large")


async def test_a_repeated_upload_is_answered_again_and_another_file_is_refused(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    key, file = {**NDJSON, "Idempotency-Key": "monday"}, item("1", kind="person", name="Bob")
    first = await sent(client, file, key)
    assert first.status_code == 202
    async with nothing_changes():
        again = await sent(client, file, key)
        refused(await sent(client, file + file, key), 422, "idempotency-key-reused")
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"resource": "orders"}, "?resource"),
        ({"system": "A B"}, "?system"),
        ({"dry_run": "perhaps"}, "?dry_run"),
        ({"colour": "red"}, "?colour"),
    ],
)
async def test_a_query_that_does_not_fit_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, asked: dict[str, str], pointer: str
) -> None:
    async with nothing_changes():
        answer = await sent(client, item("1"), NDJSON, **asked)
    assert {e["pointer"] for e in refused(answer, 422, "validation-failed")["errors"]} == {pointer}


async def test_what_is_missing_in_the_query_is_named(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        answer = await client.post("/imports", content=item("1"), headers=NDJSON)
    problem = refused(answer, 422, "validation-failed")
    assert {error["pointer"] for error in problem["errors"]} == {"?resource", "?system"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", ""])
async def test_another_media_type_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, kind: str
) -> None:
    async with nothing_changes():
        answer = await sent(client, item("1"), {"content-type": kind})
        refused(answer, 415, "unsupported-media-type")
    assert answer.headers["accept-post"] == "application/x-ndjson, text/csv"


async def test_who_may_not_import_sends_no_file(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    needed = {"imports:write", "customers:write", "customers:bulk"}
    for missing in needed:
        client = await caller(*needed - {missing}, "jobs:read")
        async with nothing_changes():
            for headers in (NDJSON, {**NDJSON, "Idempotency-Key": "x"}):
                problem = refused(await sent(client, item("1"), headers), 403, "forbidden")
                assert problem["missing_scope"] == [missing]
    assert (await sent(await caller(*needed), item("1"), NDJSON)).status_code == 202
