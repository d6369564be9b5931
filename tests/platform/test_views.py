"""Saved searches: one's own and shared ones, checked when they are saved."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused

SHOP = {"kind": "condition", "field": "source", "op": "eq", "value": "shop"}
VIEW = {"name": "From the shop", "resource": "customers", "search": {"filter": SHOP}}
SCOPES = ("views:read", "views:write", "customers:read")


async def save(client: AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.post("/views", json={**VIEW, **said})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def names(client: AsyncClient) -> list[str]:
    page = (await client.get("/views", params={"include": "total"})).json()
    assert page["total"]["value"] == len(page["data"])
    return [view["name"] for view in page["data"]]


async def test_a_view_is_a_search_that_can_be_asked_as_it_stands(client: AsyncClient) -> None:
    await client.post("/customers", json={"kind": "person", "name": "Ada", "source": "shop"})
    await client.post("/customers", json={"kind": "person", "name": "Bob"})
    view = await save(client, search={"filter": SHOP, "sort": ["name"], "view": "summary"})
    shown = (await client.get(f"/views/{view['id']}")).json()
    assert shown == view
    found = await client.post(f"/{shown['resource']}/search", json=shown["search"])
    assert [customer["name"] for customer in found.json()["data"]] == ["Ada"]


async def test_what_is_not_shared_is_not_there_for_others(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    mine, theirs = [await caller(*SCOPES, tenant=tenant) for _ in range(2)]
    private, shared = await save(mine, name="Mine"), await save(mine, name="Ours", shared=True)
    assert await names(mine) == ["Ours", "Mine"]
    assert await names(theirs) == ["Ours"]
    place = f"/views/{private['id']}"
    async with nothing_changes():
        refused(await theirs.get(place), 404, "not-found")
        refused(await theirs.patch(place, json={"name": "Taken"}), 404, "not-found")
        refused(await theirs.delete(place), 404, "not-found")
    place = f"/views/{shared['id']}"
    assert (await theirs.get(place)).json() == shared
    async with nothing_changes():
        refused(await theirs.patch(place, json={"name": "Taken"}), 403, "forbidden")
        refused(await theirs.delete(place), 403, "forbidden")
    assert (await mine.patch(place, json={"shared": False})).json()["shared"] is False
    assert await names(theirs) == []
    assert (await mine.delete(place)).status_code == 204
    assert await names(mine) == ["Mine"]


async def test_whoever_may_do_everything_cares_for_shared_views(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_()
    mine, administrator = await caller(*SCOPES, tenant=tenant), await caller(tenant=tenant)
    private, shared = await save(mine), await save(mine, shared=True)
    renamed = await administrator.patch(f"/views/{shared['id']}", json={"name": "Shop"})
    assert renamed.json()["name"] == "Shop"
    refused(await administrator.get(f"/views/{private['id']}"), 404, "not-found")


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"resource": "planets"}, "/resource"),
        ({"search": {"filter": SHOP | {"field": "shoe_size"}}}, "/search/filter/field"),
        ({"search": {"filter": SHOP | {"op": "within_last"}}}, "/search/filter/op"),
        ({"search": {"filter": {"kind": "all"}}}, "/search/filter/of"),
        ({"search": {"sort": ["shoe_size"]}}, "/search/sort/0"),
        ({"search": {"sort": ["custom.size"]}}, "/search/sort/0"),
        ({"search": {"limit": 1000}}, "/search/limit"),
        ({"search": {"cursor": "abc"}}, "/search/cursor"),
        ({"search": {"shoe_size": 42}}, "/search/shoe_size"),
        ({"search": "everything"}, "/search"),
    ],
)
async def test_what_could_not_be_asked_is_not_saved(
    client: AsyncClient, nothing_changes: Unchanged, said: dict[str, Any], pointer: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/views", json={**VIEW, **said})
    problem = refused(answer, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == pointer, problem


async def test_nobody_saves_a_search_of_what_he_may_not_read(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    client = await caller("views:read", "views:write")
    async with nothing_changes():
        answer = await client.post("/views", json=VIEW)
    assert refused(answer, 403, "forbidden")["missing_scope"] == ["customers:read"]
