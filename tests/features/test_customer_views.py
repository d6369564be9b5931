"""The same customers, seen differently: in short, with others beside them, or masked."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from tests.conftest import NewClient, NewTenant

from .test_customers import WANG, create, refused

Json = dict[str, Any]


@pytest.fixture
async def tree(client: AsyncClient) -> list[Json]:
    """A group, its subsidiary, and the subsidiary's branch."""
    made: list[Json] = []
    for name in ("Group", "Subsidiary", "Branch"):
        above = {"parent_id": made[-1]["id"]} if made else {}
        made.append(await create(client, kind="organization", name=name, **above))
    return made


async def test_a_parent_comes_beside_its_id(client: AsyncClient, tree: list[Json]) -> None:
    group, subsidiary, branch = tree
    answer = await client.get(f"/customers/{subsidiary['id']}", params={"expand": "parent"})
    assert answer.json() == subsidiary | {"parent": group}
    top = await client.get(f"/customers/{group['id']}", params={"expand": "parent"})
    assert top.json() == group | {"parent": None}
    asked = {"expand": ["parent.parent", "parent", "parent"]}
    deep = await client.get(f"/customers/{branch['id']}", params=asked)
    assert deep.json() == branch | {"parent": subsidiary | {"parent": group}}


async def test_every_read_expands(client: AsyncClient, tree: list[Json]) -> None:
    group, subsidiary, branch = tree
    wanted = subsidiary | {"parent": group}
    page = await client.get("/customers", params={"expand": "parent", "limit": 2})
    assert page.json()["data"] == [branch | {"parent": subsidiary}, wanted]
    assert page.json()["has_more"] is True
    later = await client.get(
        "/customers", params={"cursor": page.json()["next_cursor"], "expand": "parent.parent"}
    )
    assert later.json()["data"] == [group | {"parent": None}]
    sent = {"ids": [subsidiary["id"], "cus_" + "0" * 32], "expand": ["parent"]}
    many = await client.post("/customers/batch-get", json=sent)
    assert many.json() == {"data": [wanted], "missing": ["cus_" + "0" * 32]}
    await client.patch(f"/customers/{subsidiary['id']}", json={"external_ids": {"sap": "1"}})
    known = await client.get("/customers/external/sap/1", params={"expand": "parent"})
    assert known.json()["parent"] == group
    nobody = await client.post("/customers/batch-get", json=sent | {"ids": sent["ids"][1:]})
    assert nobody.json()["data"] == []


async def test_an_expanded_answer_is_new_when_the_record_beside_it_is(
    client: AsyncClient, tree: list[Json]
) -> None:
    group, subsidiary, _ = tree
    path, asked = f"/customers/{subsidiary['id']}", {"expand": "parent"}
    tag = (await client.get(path, params=asked)).headers["etag"]
    known = {"If-None-Match": tag}
    assert (await client.get(path, params=asked, headers=known)).status_code == 304
    assert (await client.get(path, headers=known)).status_code == 200
    await client.patch(f"/customers/{group['id']}", json={"name": "New group"})
    again = await client.get(path, params=asked, headers=known)
    assert again.json()["parent"]["name"] == "New group"
    changed = await client.patch(path, json={"name": "New"}, headers={"If-Match": tag})
    assert changed.status_code == 200, "the version in it is still the record's"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("expand=owner", "?expand"),
        ("expand=parent.parent.parent", "?expand"),
        ("view=summary&expand=parent", "?expand"),
        ("view=short", "?view"),
        ("&".join(["expand=parent"] * 6), "?expand"),
    ],
)
async def test_what_cannot_be_shown_is_refused(
    client: AsyncClient, query: str, pointer: str
) -> None:
    wrong = refused(await client.get(f"/customers?{query}"), 422, "validation-failed")
    assert [error["pointer"] for error in wrong["errors"]] == [pointer]


async def test_views_page_filter_and_search_alike(client: AsyncClient) -> None:
    for n in range(5):
        await create(client, name=f"Ann {n}", tags=["x"])
    names: list[str] = []
    params: Json = {"view": "summary", "limit": 2, "tag": "x", "q": "Ann"}
    while True:
        page = (await client.get("/customers", params=params)).json()
        names += [item["name"] for item in page["data"]]
        if not page["has_more"]:
            break
        params["cursor"] = page["next_cursor"]
    assert names == [f"Ann {n}" for n in (4, 3, 2, 1, 0)]


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def masked(caller: NewClient, tenant: Tenant) -> AsyncClient:
    """A client whose key sees masked data."""
    client = await caller(tenant=tenant)
    sent = {"name": "Call centre screen", "scopes": ["customers:read"], "masked": True}
    key = (await client.post("/api-keys", json=sent)).json()
    assert key["masked"] is True
    other = await caller(tenant=tenant)
    other.headers["Authorization"] = f"Bearer {key['secret']}"
    assert (await other.get("/me")).json()["masked"] is True
    return other


async def test_a_masked_key_sees_no_contact_whole(
    masked: AsyncClient, caller: NewClient, tenant: Tenant
) -> None:
    client = await caller(tenant=tenant)
    address = {"country": "CN", "city": "上海", "line1": "南京东路 1 号", "recipient": "王芳"}
    wechat = {"kind": "wechat", "value": "wangfang_88"}
    points = [*WANG["contact_points"], wechat]
    whole = await create(client, **WANG | {"addresses": [address], "contact_points": points})
    seen = await masked.get(f"/customers/{whole['id']}")
    part = seen.json()
    assert [point["value"] for point in part["contact_points"]] == [
        "w***@example.com",
        "+86138****8000",
        "+86139****9000",
        "wa***",
    ]
    assert part["born_on"] is None
    assert {**part["addresses"][0], **address} == {**whole["addresses"][0], **address}
    assert [part["addresses"][0][name] for name in ("recipient", "line1", "city")] == [
        *("***", "***", "上海")
    ]
    hidden = ("contact_points", "born_on", "addresses")
    assert {k: v for k, v in part.items() if k not in hidden} == {
        k: v for k, v in whole.items() if k not in hidden
    }
    assert seen.headers["etag"] == '"1-masked"'


async def test_every_way_to_read_is_masked(
    masked: AsyncClient, caller: NewClient, tenant: Tenant
) -> None:
    client = await caller(tenant=tenant)
    phone = [{"kind": "phone", "value": "+8613800138000"}]
    group = await create(client, kind="organization", name="Group", contact_points=phone)
    below = await create(client, kind="organization", name="Sub", parent_id=group["id"])
    await client.patch(f"/customers/{group['id']}", json={"external_ids": {"sap": "7"}})
    answers = [
        await masked.get("/customers"),
        await masked.get("/customers", params={"view": "summary"}),
        await masked.get("/customers/external/sap/7"),
        await masked.post("/customers/batch-get", json={"ids": [group["id"]]}),
        await masked.get(f"/customers/{below['id']}", params={"expand": "parent"}),
        await masked.get("/customers", params={"expand": "parent"}),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert "+86138****8000" in answer.text
        assert "13800138000" not in answer.text


@pytest.mark.parametrize(
    "query", ["q=138", "phone=%2B8613800138000", "email=a@b.cn", "wechat=wangfang_88"]
)
async def test_a_masked_key_does_not_find_out_by_asking(masked: AsyncClient, query: str) -> None:
    refused(await masked.get(f"/customers?{query}"), 403, "forbidden")
    assert (await masked.get("/customers?tag=vip")).status_code == 200


@pytest.mark.parametrize("scopes", [["*"], ["customers:write"], ["customers:read", "tenant:write"]])
async def test_a_masked_key_cannot_write(
    client: AsyncClient, admin: "Admin[Any]", scopes: list[str]
) -> None:
    before = await admin.fetchval("SELECT count(*) FROM api_keys")
    sent = {"name": "k", "scopes": scopes, "masked": True}
    wrong = refused(await client.post("/api-keys", json=sent), 422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in wrong["errors"]] == [
        ("/scopes", "masked_key_writes")
    ]
    assert await admin.fetchval("SELECT count(*) FROM api_keys") == before
