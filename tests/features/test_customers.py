"""The customers resource, as a caller meets it."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient, Response

from crm_api.features.customers.schemas import CustomerRead
from tests.conftest import NewClient

WANG: dict[str, Any] = {
    "kind": "person",
    "name": "王芳",
    "family_name": "王",
    "given_name": "芳",
    "born_on": "1990-02-28",
    "acquired_at": "2026-01-31T20:00:00+08:00",
    "contact_points": [
        {"kind": "email", "value": "Wang.Fang@Example.com"},
        {"kind": "phone", "value": "138 0013 8000", "label": "work"},
        {"kind": "phone", "value": "+8613900139000", "is_primary": True},
    ],
    "external_ids": {"sap": "0000104711"},
    "tags": ["vip", "vip", "east"],
    "addresses": [{"country": "CN", "city": "上海"}],
    "preferences": {"channel": "wechat"},
}
ACME: dict[str, Any] = {"kind": "organization", "name": "Acme", "uscc": "91110000600037341L"}


async def create(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    body = fields if "kind" in fields else {"kind": "person", "name": "Bob", **fields}
    response = await client.post("/customers", json=body)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == response.headers["request-id"]
    return problem


async def test_what_is_written_is_what_is_read(client: AsyncClient) -> None:
    created = await client.post("/customers", json=WANG)
    assert created.status_code == 201, created.text
    one = await client.get(f"/customers/{created.json()['id']}")
    page = await client.get("/customers")
    assert one.content == created.content
    assert page.content == b'{"data":[' + one.content + b'],"has_more":false,"next_cursor":null}'
    assert created.headers["etag"] == one.headers["etag"] == '"1"'
    assert created.headers["location"] == f"/v1/customers/{created.json()['id']}"


async def test_values_are_kept_in_one_spelling(client: AsyncClient) -> None:
    shown = await create(client, **WANG)
    assert shown["acquired_at"] == "2026-01-31T12:00:00.000Z"
    assert [(p["value"], p["is_primary"]) for p in shown["contact_points"]] == [
        ("wang.fang@example.com", True),
        ("+8613800138000", False),
        ("+8613900139000", True),
    ]
    assert shown["tags"] == ["vip", "east"]
    assert shown["preferences"]["channel"] == "wechat"
    assert shown["addresses"][0]["line1"] is None
    assert shown["sort_name"] == "wang fang"


async def test_a_national_number_belongs_to_the_tenants_region(
    caller: NewClient, new_tenant_: Any
) -> None:
    client = await caller(tenant=await new_tenant_(phone_region="GB"))
    phone = [{"kind": "phone", "value": "020 7946 0018"}]
    assert (await create(client, contact_points=phone))["contact_points"][0]["value"] == (
        "+442079460018"
    )


async def test_a_merge_patch_keeps_clears_and_replaces(client: AsyncClient) -> None:
    before = await create(client, **WANG)
    path = f"/customers/{before['id']}"
    patch = {
        "given_name": None,
        "tags": ["new"],
        "external_ids": {"sap": None, "shop": "a:1"},
        "preferences": {"language": "zh-CN"},
    }
    changed = await client.patch(path, json=patch)
    assert changed.status_code == 200, changed.text
    after = changed.json()
    assert changed.content == (await client.get(path)).content
    assert (after["given_name"], after["family_name"]) == (None, "王")
    assert after["tags"] == ["new"]
    assert after["external_ids"] == {"shop": "a:1"}
    assert after["preferences"] == before["preferences"] | {"language": "zh-CN"}
    assert (after["version"], changed.headers["etag"]) == (2, '"2"')
    merge = {"Content-Type": "application/merge-patch+json"}
    again = await client.patch(path, content=b'{"name": "Fang"}', headers=merge)
    assert (again.json()["name"], again.json()["sort_name"]) == ("Fang", "fang")


async def test_a_patch_that_changes_nothing_leaves_no_trace(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    before = await client.post("/customers", json=WANG)
    path = f"/customers/{before.json()['id']}"
    again = await client.patch(path, json={"name": "王芳", "tags": ["vip", "east"]})
    assert (again.status_code, again.content) == (200, before.content)
    events = "SELECT count(*) FROM events WHERE object_id = $1"
    id = CustomerRead.model_validate_json(before.content).id
    assert await admin.fetchval(events, id) == 1


async def test_nobody_overwrites_what_he_has_not_seen(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client))['id']}"
    changed = await client.patch(path, json={"name": "Ada"}, headers={"If-Match": '"1"'})
    assert changed.headers["etag"] == '"2"'
    for tag in ('"1"', '"1", "7"', 'W/"2"', "2", "nonsense", '""'):
        late = await client.patch(path, json={"name": "Eve"}, headers={"If-Match": tag})
        assert refused(late, 412, "precondition-failed")["current_version"] == 2
    for tag in ('"2-zh"', '"1", "3"', "*"):
        assert (await client.patch(path, json={"title": tag}, headers={"If-Match": tag})).is_success


async def test_what_is_known_is_not_sent_again(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client))['id']}"
    known = await client.get(path, headers={"If-None-Match": 'W/"1"'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", '"1"')
    assert (await client.get(path, headers={"If-None-Match": "*"})).status_code == 304
    await client.patch(path, json={"name": "Ada"})
    assert (await client.get(path, headers={"If-None-Match": '"1"'})).status_code == 200


async def test_tags_are_added_and_removed_beside_others(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client, tags=['a']))['id']}"
    assert (await client.post(f"{path}/add-tags", json={"tags": ["b", "a"]})).json()["tags"] == [
        "a",
        "b",
    ]
    removed = await client.post(f"{path}/remove-tags", json={"tags": ["a", "x"]})
    assert removed.json()["tags"] == ["b"]
    found = (await client.get("/customers", params={"tag": "a"})).json()["data"]
    assert removed.json()["id"] not in [item["id"] for item in found]


async def test_what_is_added_bit_by_bit_has_an_end(client: AsyncClient) -> None:
    made = await create(client, tags=[f"t{n}" for n in range(100)])
    more = await client.post(f"/customers/{made['id']}/add-tags", json={"tags": ["one more"]})
    assert refused(more, 422, "validation-failed")["errors"][0]["pointer"] == "/tags"
    assert (await client.get(f"/customers/{made['id']}")).json() == made


async def test_contact_points_are_added_and_removed(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client, **WANG))['id']}"
    more = {
        "contact_points": [{"kind": "wechat", "value": "wangfang_88"}, WANG["contact_points"][1]]
    }
    added = (await client.post(f"{path}/add-contact-points", json=more)).json()
    assert len(added["contact_points"]) == 4
    gone = {"contact_points": [{"kind": "phone", "value": "139-0013-9000"}]}
    left = (await client.post(f"{path}/remove-contact-points", json=gone)).json()
    phones = [p for p in left["contact_points"] if p["kind"] == "phone"]
    assert [(p["value"], p["is_primary"]) for p in phones] == [("+8613800138000", True)]
    for params, count in (({"phone": "13900139000"}, 0), ({"wechat": "wangfang_88"}, 1)):
        listed = (await client.get("/customers", params=params)).json()["data"]
        assert len([item for item in listed if item["id"] == left["id"]]) == count


async def test_archive_hides_and_restore_brings_back(client: AsyncClient) -> None:
    path = f"/customers/{(await create(client))['id']}"
    archived = await client.post(f"{path}/archive")
    assert (archived.json()["state"], archived.headers["etag"]) == ("archived", '"2"')
    assert (await client.get("/customers")).json()["data"] == []
    assert len((await client.get("/customers", params={"state": "archived"})).json()["data"]) == 1
    assert (await client.get(path)).json()["state"] == "archived"
    again = refused(await client.post(f"{path}/archive"), 409, "invalid-transition")
    assert (again["current"], again["allowed"]) == ("archived", ["live"])
    refused(await client.patch(path, json={"name": "x"}), 409, "conflict")
    refused(await client.post(f"{path}/add-tags", json={"tags": ["x"]}), 409, "conflict")
    assert (await client.post(f"{path}/restore")).json()["state"] == "live"


async def test_a_credit_code_is_unique_among_live_organizations(client: AsyncClient) -> None:
    first = await create(client, **ACME)
    again = refused(await client.post("/customers", json=ACME), 409, "duplicate-value")
    assert again["errors"][0]["pointer"] == "/uscc"
    await client.post(f"/customers/{first['id']}/archive")
    second = await create(client, **ACME)
    restored = await client.post(f"/customers/{first['id']}/restore")
    refused(restored, 409, "duplicate-value")
    await client.post(f"/customers/{second['id']}/archive")
    assert (await client.post(f"/customers/{first['id']}/restore")).is_success


async def test_an_external_id_means_one_record(client: AsyncClient, caller: NewClient) -> None:
    ids = {"external_ids": {"sap": "1"}}
    await create(client, **ids)
    again = await client.post("/customers", json={"kind": "person", "name": "C", **ids})
    assert refused(again, 409, "duplicate-value")["errors"][0]["pointer"] == "/external_ids"
    assert len((await client.get("/customers")).json()["data"]) == 1
    await create(await caller(), **ids)


async def test_a_person_has_no_credit_code_and_a_company_no_birthday(client: AsyncClient) -> None:
    person = await create(client)
    wrong = await client.patch(f"/customers/{person['id']}", json={"uscc": ACME["uscc"]})
    assert refused(wrong, 409, "conflict")["errors"][0]["pointer"] == "/uscc"
    born = await client.post("/customers", json={**ACME, "born_on": "2000-01-01"})
    assert refused(born, 422, "validation-failed")["errors"][0]["pointer"] == "/born_on"
    assert (await client.get(f"/customers/{person['id']}")).json() == person


async def test_the_tree_of_organizations_has_no_circle(client: AsyncClient) -> None:
    top = await create(client, kind="organization", name="Top")
    mid = await create(client, kind="organization", name="Mid", parent_id=top["id"])
    low = await create(client, kind="organization", name="Low", parent_id=mid["id"])
    for below in (top, mid, low):
        circle = await client.patch(f"/customers/{top['id']}", json={"parent_id": below["id"]})
        assert refused(circle, 422, "validation-failed")["errors"][0]["code"] == "circular_parent"
    person = await create(client)
    under = await client.patch(f"/customers/{top['id']}", json={"parent_id": person["id"]})
    refused(under, 422, "validation-failed")
    unknown = {"kind": "organization", "name": "X", "parent_id": "cus_" + "0" * 32}
    nowhere = await client.post("/customers", json=unknown)
    assert refused(nowhere, 422, "unknown-reference")["errors"][0]["pointer"] == "/parent_id"
    assert (await client.get(f"/customers/{top['id']}")).json() == top
    children = await client.get("/customers", params={"parent_id": top["id"]})
    assert [item["name"] for item in children.json()["data"]] == ["Mid"]


async def test_a_customer_leaves_an_event_that_equals_a_get(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    created = await client.post("/customers", json=WANG)
    id = CustomerRead.model_validate_json(created.content).id
    changed = await client.patch(f"/customers/{created.json()['id']}", json={"name": "Fang"})
    rows = await admin.fetch(
        "SELECT * FROM events e JOIN event_values v ON v.event_id = e.id "
        "WHERE object_id = $1 ORDER BY version",
        id,
    )
    assert [(row["type"], row["version"]) for row in rows] == [
        ("customer.created", 1),
        ("customer.updated", 2),
    ]
    assert [row["data"].encode() for row in rows] == [created.content, changed.content]
    assert rows[0]["changes"] is None
    assert rows[1]["changes"] == (
        '{"name": {"new": "Fang", "old": "王芳"}, "sort_name": {"new": "fang", "old": "wang fang"}}'
    )
    assert rows[1]["request_id"] == changed.headers["request-id"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "person", "name": " "}, "/name"),
        ({"kind": "robot", "name": "x"}, "/kind"),
        ({"kind": "person", "name": "x", "tenant_id": "y"}, "/tenant_id"),
        ({"kind": "person", "name": "x", "born_on": 7}, "/born_on"),
        ({"kind": "person", "name": "x", "acquired_at": 0.5}, "/acquired_at"),
        ({"kind": "organization", "name": "x", "uscc": "911100006000373411"}, "/uscc"),
        (
            {"kind": "person", "name": "x", "contact_points": [{"kind": "email", "value": "a@b"}]},
            "/contact_points/0/value",
        ),
        (
            {"kind": "person", "name": "x", "contact_points": [{"kind": "phone", "value": "123"}]},
            "/contact_points/0/value",
        ),
        ({"kind": "person", "name": "x", "external_ids": {"A b": "1"}}, "/external_ids"),
    ],
)
async def test_a_mistake_is_named_where_it_is_and_nothing_is_written(
    client: AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    wrong = refused(await client.post("/customers", json=body), 422, "validation-failed")
    assert [error["pointer"] for error in wrong["errors"]] == [pointer]
    assert (await client.get("/customers")).json()["data"] == []
