"""A conflict says how to go on."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import ACME, create, refused


async def test_a_stale_change_is_told_what_others_changed_and_what_it_wanted(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    bob = await create(client, tags=["a"])
    path = f"/customers/{bob['id']}"
    await client.patch(path, json={"name": "Robert", "title": "Dr"})
    await client.patch(path, json={"tags": ["b"]})
    mine = {"name": "Bobby", "occupation": "Engineer"}
    async with nothing_changes():
        late = await client.patch(path, json=mine, headers={"If-Match": '"1"'})
    problem = refused(late, 412, "precondition-failed")
    assert problem["current_version"] == 3
    assert problem["changed"] == [
        {"pointer": "/name", "base": "Bob", "theirs": "Robert", "yours": "Bobby"},
        {"pointer": "/sort_name", "base": "bob", "theirs": "robert"},
        {"pointer": "/tags", "base": ["a"], "theirs": ["b"]},
        {"pointer": "/title", "base": None, "theirs": "Dr"},
    ]


async def test_a_client_can_merge_by_what_it_is_told(client: AsyncClient) -> None:
    bob = await create(client)
    path, mine = f"/customers/{bob['id']}", {"occupation": "Engineer"}
    await client.patch(path, json={"title": "Dr"})
    late = (await client.patch(path, json=mine, headers={"If-Match": '"1"'})).json()
    assert not any("yours" in field for field in late["changed"]), "nobody touched what I change"
    newer = {"If-Match": f'"{late["current_version"]}"'}
    merged = (await client.patch(path, json=mine, headers=newer)).json()
    assert (merged["title"], merged["occupation"]) == ("Dr", "Engineer")


@pytest.mark.parametrize("sent", ['"7"', '"1", "7"', "nonsense", 'W/"1"', '"0"'])
async def test_of_a_version_that_never_was_nothing_is_told(
    client: AsyncClient, nothing_changes: Unchanged, sent: str
) -> None:
    bob = await create(client)
    await client.patch(f"/customers/{bob['id']}", json={"name": "x"})
    async with nothing_changes():
        late = await client.patch(
            f"/customers/{bob['id']}", json={"name": "y"}, headers={"If-Match": sent}
        )
    problem = refused(late, 412, "precondition-failed")
    assert (problem["current_version"], problem["changed"]) == (2, None)


async def test_what_was_erased_is_not_told(client: AsyncClient, admin: "Admin[Any]") -> None:
    bob = await create(client)
    await client.patch(f"/customers/{bob['id']}", json={"name": "x"})
    await admin.execute("DELETE FROM event_values WHERE data LIKE '%' || $1 || '%'", bob["id"])
    late = await client.patch(
        f"/customers/{bob['id']}", json={"name": "y"}, headers={"If-Match": '"1"'}
    )
    assert refused(late, 412, "precondition-failed")["changed"] is None


async def test_every_conditional_write_tells(client: AsyncClient) -> None:
    bob = await create(client, external_ids={"sap": "1"})
    await client.patch(f"/customers/{bob['id']}", json={"name": "x"})
    await client.patch("/tenant", json={"phone_region": "GB"})
    stale = {"If-Match": '"1"'}
    for method, path, body in (
        ("PATCH", "/customers/external/sap/1", {"title": "Dr"}),
        ("POST", f"/customers/{bob['id']}/archive", None),
        ("POST", f"/customers/{bob['id']}/add-tags", {"tags": ["x"]}),
        ("PATCH", "/tenant", {"phone_region": "FR"}),
    ):
        late = refused(
            await client.request(method, path, json=body, headers=stale), 412, "precondition-failed"
        )
        assert late["changed"], path


async def test_a_taken_value_names_the_record_that_has_it(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    acme = await create(client, **ACME, external_ids={"sap": "1"})
    other = await create(client, kind="organization", name="Other")
    existing = {"object": "customer", "id": acme["id"]}
    bob = {"kind": "person", "name": "Bob", "external_ids": {"sap": "1"}}
    async with nothing_changes():
        for method, path, body, pointer in (
            ("POST", "/customers", ACME, "/uscc"),
            ("PATCH", f"/customers/{other['id']}", {"uscc": ACME["uscc"]}, "/uscc"),
            ("POST", "/customers", bob, "/external_ids"),
            ("PATCH", f"/customers/{other['id']}", {"external_ids": {"sap": "1"}}, "/external_ids"),
        ):
            answer = await client.request(method, path, json=body)
            problem = refused(answer, 409, "duplicate-value")
            assert problem["existing"] == existing
            assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_who_may_not_read_customers_is_not_told_which(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_()
    await create(await caller(tenant=tenant), **ACME)
    writer = await caller("customers:write", tenant=tenant)
    problem = refused(await writer.post("/customers", json=ACME), 409, "duplicate-value")
    assert "existing" not in problem


async def test_an_archived_record_holds_no_credit_code(client: AsyncClient) -> None:
    first = await create(client, **ACME)
    await client.post(f"/customers/{first['id']}/archive")
    second = await create(client, **ACME)
    back = refused(await client.post(f"/customers/{first['id']}/restore"), 409, "duplicate-value")
    assert back["existing"]["id"] == second["id"]


async def test_fifty_at_once_want_one_external_id(client: AsyncClient) -> None:
    import asyncio

    body = {"kind": "person", "name": "Bob", "external_ids": {"erp": "hot"}}
    answers = await asyncio.gather(*(client.post("/customers", json=body) for _ in range(50)))
    made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    lost = [answer for answer in answers if answer.status_code != 201]
    assert {answer.status_code for answer in lost} <= {409, 503}
    told = [answer.json() for answer in lost if answer.status_code == 409]
    assert {problem["existing"]["id"] for problem in told} == set(made)
