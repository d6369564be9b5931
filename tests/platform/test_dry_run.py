"""A rehearsal answers like the real call, and nothing remains of it."""

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.test_customers import WANG, create, refused

DRY = {"Crm-Dry-Run": "true"}
BOB = {"kind": "person", "name": "Bob"}


async def test_every_write_can_be_rehearsed(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    bob = await create(client)
    path = f"/customers/{bob['id']}"
    item = {"external_id": "1", "data": BOB}
    spare = (await client.post("/api-keys", json={"name": "k", "scopes": ["*"]})).json()["id"]
    for method, place, body, status, events in (
        ("POST", "/customers", WANG, 201, "customer.created"),
        ("PATCH", path, {"name": "Bobby"}, 200, "customer.updated"),
        ("PATCH", path, {"name": "Bob"}, 200, ""),
        ("POST", f"{path}/add-tags", {"tags": ["vip"]}, 200, "customer.updated"),
        ("POST", f"{path}/archive", None, 200, "customer.archived"),
        ("PATCH", "/customers/external/erp/9", BOB, 201, "customer.created"),
        (
            "POST",
            "/customers/batch-upsert",
            {"system": "erp", "items": [item, item | {"external_id": "2"}]},
            200,
            "customer.created, customer.created",
        ),
        ("PATCH", "/tenant", {"phone_region": "GB"}, 200, "tenant.updated"),
        ("POST", "/api-keys", {"name": "ERP", "scopes": ["*"]}, 201, "api_key.created"),
        ("DELETE", f"/api-keys/{spare}", None, 204, "api_key.revoked"),
    ):
        async with nothing_changes():
            answer = await client.request(method, place, json=body, headers=DRY)
        assert answer.status_code == status, answer.text
        assert answer.headers["crm-dry-run"] == "true"
        assert answer.headers["crm-dry-run-events"] == events


async def test_a_rehearsal_answers_what_the_real_call_will(client: AsyncClient) -> None:
    bob = await create(client)
    path, patch = f"/customers/{bob['id']}", {"name": "Bobby", "tags": ["vip"]}
    rehearsed = await client.patch(path, json=patch, headers=DRY)
    real = await client.patch(path, json=patch)
    moving = ("updated_at",)
    assert {k: v for k, v in rehearsed.json().items() if k not in moving} == {
        k: v for k, v in real.json().items() if k not in moving
    }
    assert rehearsed.headers["etag"] == real.headers["etag"] == '"2"'
    assert "crm-dry-run" not in real.headers


async def test_a_rehearsal_is_refused_as_the_real_call_would_be(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    acme = {"kind": "organization", "name": "Acme", "uscc": "91110000600037341L"}
    await create(client, **acme)
    path = "/customers/" + (await client.get("/customers")).json()["data"][0]["id"]
    stale = DRY | {"If-Match": '"9"'}
    async with nothing_changes():
        refused(await client.post("/customers", json=acme, headers=DRY), 409, "duplicate-value")
        refused(await client.post("/customers", json={}, headers=DRY), 422, "validation-failed")
        late = await client.patch(path, json={"name": "x"}, headers=stale)
        refused(late, 412, "precondition-failed")


async def test_a_rehearsal_uses_up_no_key(client: AsyncClient) -> None:
    sent = {"Idempotency-Key": "rehearsed"}
    rehearsed = await client.post("/customers", json=BOB, headers=sent | DRY)
    real = await client.post("/customers", json=BOB, headers=sent)
    assert (rehearsed.status_code, real.status_code) == (201, 201)
    assert "idempotent-replayed" not in real.headers
    assert rehearsed.json()["id"] != real.json()["id"]


@pytest.mark.parametrize("sent", ["yes", "True", "", "1", "?1"])
async def test_what_may_be_a_rehearsal_is_not_done(
    client: AsyncClient, nothing_changes: Unchanged, sent: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/customers", json=BOB, headers={"Crm-Dry-Run": sent})
    problem = refused(answer, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == ["header:Crm-Dry-Run"]
    real = await client.post("/customers", json=BOB, headers={"Crm-Dry-Run": "false"})
    assert real.status_code == 201
    assert (await client.get(real.headers["location"].removeprefix("/v1"))).status_code == 200
