"""Keys: shown once, checked at once, never more than their maker held."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.context import House
from crm_api.platform.access.doorkeeper import BearerDoorkeeper
from crm_api.platform.access.keys import ALPHABET, new_key, plausible
from crm_api.platform.organization.models import TenantKind
from crm_api.platform.organization.registry import TenantRegistry
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused


def bearer(client: AsyncClient, key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_key_is_shown_once_and_kept_as_a_digest(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    body = {"name": "ERP", "scopes": ["customers:read"]}
    made = await client.post("/api-keys", json=body)
    assert made.status_code == 201, made.text
    secret, shown = made.json()["secret"], await client.get(made.headers["location"][3:])
    assert {**shown.json(), "secret": secret} == made.json()
    assert shown.json()["last_four"] == secret[-4:]
    dump = [
        str(dict(row))
        for t in ("api_keys", "event_values")
        for row in await admin.fetch(f"SELECT * FROM {t}")
    ]
    assert not any(secret in row or secret[9:40] in row for row in dump)


async def test_me_says_what_the_key_makes_me(caller: NewClient) -> None:
    me = (await (await caller("customers:read")).get("/me")).json()
    assert (me["object"], me["scopes"]) == ("me", ["customers:read"])
    assert (me["tenant"]["name"], me["tenant"]["kind"]) == ("Sunrise Group", "sandbox")


async def test_a_key_opens_only_what_its_scopes_name(caller: NewClient) -> None:
    reader = await caller("customers:read")
    body = {"kind": "person", "name": "Ada"}
    problem = refused(await reader.post("/customers", json=body), 403, "forbidden")
    assert problem["missing_scope"] == ["customers:write"]
    refused(await reader.get("/api-keys"), 403, "forbidden")
    refused(await reader.get("/tenant"), 403, "forbidden")
    assert (await reader.get("/customers")).json()["data"] == []


async def test_nobody_gives_more_than_he_holds(caller: NewClient) -> None:
    maker = await caller("api_keys:write", "api_keys:read", "customers:read")
    for scopes in (["customers:write"], ["*"], ["customers:read", "tenant:write"]):
        made = await maker.post("/api-keys", json={"name": "x", "scopes": scopes})
        refused(made, 403, "forbidden")
    unknown = await maker.post("/api-keys", json={"name": "x", "scopes": ["moon:read"]})
    assert refused(unknown, 422, "validation-failed")["errors"][0]["code"] == "scope_unknown"
    assert len((await maker.get("/api-keys")).json()["data"]) == 2
    assert (
        await maker.post("/api-keys", json={"name": "x", "scopes": ["customers:read"]})
    ).is_success


async def test_a_revoked_key_is_refused(client: AsyncClient, house: House) -> None:
    made = (await client.post("/api-keys", json={"name": "x", "scopes": ["*"]})).json()
    headers = bearer(client, made["secret"])
    assert (await client.get("/me", headers=headers)).status_code == 200
    assert (await client.delete(f"/api-keys/{made['id']}")).status_code == 204
    forget(house)
    refused(await client.get("/me", headers=headers), 401, "unauthorized")
    refused(await client.get(f"/api-keys/{made['id']}"), 404, "not-found")


def forget(house: House) -> None:
    """What a second does to the keys that a process remembers."""
    assert isinstance(house.doorkeeper, BearerDoorkeeper)
    house.doorkeeper._known.clear()


async def works(client: AsyncClient, key: str) -> bool:
    return (await client.get("/me", headers=bearer(client, key))).status_code == 200


async def test_a_rotated_key_has_two_secrets_for_a_while(client: AsyncClient, house: House) -> None:
    made = (await client.post("/api-keys", json={"name": "ERP", "scopes": ["*"]})).json()
    place, secrets = f"/api-keys/{made['id']}", [made["secret"]]
    for _ in range(2):
        rotated = await client.post(f"{place}/rotate", json={})
        assert rotated.status_code == 200, rotated.text
        secrets.append(rotated.json()["secret"])
    forget(house)
    assert [await works(client, secret) for secret in secrets] == [False, True, True]
    shown = (await client.get(place)).json()
    assert {**shown, "secret": secrets[-1]} == rotated.json()
    assert (shown["id"], shown["last_four"]) == (made["id"], secrets[-1][-4:])
    await client.post("/sandbox/clock/advance", json={"seconds": 86_401})
    forget(house)
    assert [await works(client, secret) for secret in secrets] == [False, False, True]
    await client.delete(place)
    forget(house)
    assert [await works(client, secret) for secret in secrets] == [False, False, False]


async def test_a_secret_that_others_know_stops_with_its_rotation(
    client: AsyncClient, house: House
) -> None:
    made = (await client.post("/api-keys", json={"name": "ERP", "scopes": ["*"]})).json()
    now = {"overlap_seconds": 0}
    rotated = (await client.post(f"/api-keys/{made['id']}/rotate", json=now)).json()
    forget(house)
    assert not await works(client, made["secret"])
    assert await works(client, rotated["secret"])
    assert rotated["previous_expires_at"] is None


async def test_nobody_gets_the_secret_of_a_key_that_may_more(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    strong = (await client.post("/api-keys", json={"name": "ERP", "scopes": ["*"]})).json()
    weak = await caller("api_keys:write", "customers:read", tenant=tenant)
    async with nothing_changes():
        answer = await weak.post(f"/api-keys/{strong['id']}/rotate", json={})
    refused(answer, 403, "forbidden")


async def test_an_expired_key_is_refused(
    client: AsyncClient, admin: "Admin[Any]", house: House
) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"name": "x", "scopes": ["*"], "expires_at": soon}
    made = (await client.post("/api-keys", json=body)).json()
    assert (await client.get("/me", headers=bearer(client, made["secret"]))).status_code == 200
    past = {**body, "expires_at": "2020-01-01T00:00:00Z"}
    refused(await client.post("/api-keys", json=past), 422, "validation-failed")
    await admin.execute("UPDATE api_keys SET expires_at = now() WHERE expires_at IS NOT NULL")
    forget(house)
    refused(await client.get("/me", headers=bearer(client, made["secret"])), 401, "unauthorized")


async def test_a_key_that_expires_makes_none_that_lives_longer(client: AsyncClient) -> None:
    soon, later = ((datetime.now(UTC) + timedelta(hours=h)).isoformat() for h in (1, 2))
    body = {"name": "x", "scopes": ["*"]}
    made = (await client.post("/api-keys", json={**body, "expires_at": soon})).json()
    as_it = bearer(client, made["secret"])
    for sent in (body, {**body, "expires_at": later}):
        refused(await client.post("/api-keys", json=sent, headers=as_it), 403, "forbidden")
    same = await client.post("/api-keys", json={**body, "expires_at": soon}, headers=as_it)
    assert same.status_code == 201
    assert len((await client.get("/api-keys")).json()["data"]) == 4


async def test_a_suspended_tenant_is_refused_as_an_unknown_key_is(
    caller: NewClient, new_tenant_: NewTenant, house: House
) -> None:
    tenant = await new_tenant_()
    client, registry = await caller(tenant=tenant), TenantRegistry(house)
    assert (await client.get("/me")).status_code == 200
    await registry.suspend(tenant.id, suspended=True)
    forget(house)
    suspended = refused(await client.get("/me"), 401, "unauthorized")
    unknown = await client.get("/me", headers=bearer(client, new_key(sandbox=True)))
    assert suspended["detail"] == refused(unknown, 401, "unauthorized")["detail"]
    assert unknown.headers["www-authenticate"] == "Bearer"
    await registry.suspend(tenant.id, suspended=False)
    forget(house)
    assert (await client.get("/me")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic dTpw"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer crm_test_" + "0" * 36},
        {"Authorization": "Bearer é"},
    ],
)
async def test_who_has_no_key_gets_nothing(app: FastAPI, headers: dict[str, str]) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test/v1") as nobody:
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        refused(await nobody.get("/customers", headers=encoded), 401, "unauthorized")
        query = await nobody.get("/customers?api_key=" + new_key(sandbox=True))
        refused(query, 401, "unauthorized")


async def test_two_keys_in_one_request_are_none(client: AsyncClient) -> None:
    twice = [("Authorization", client.headers["authorization"])] * 2
    async with AsyncClient(transport=client._transport, base_url="http://test/v1") as other:
        refused(await other.get("/me", headers=twice), 401, "unauthorized")


async def test_only_a_sandbox_has_test_keys(caller: NewClient, new_tenant_: NewTenant) -> None:
    for kind, prefix in ((TenantKind.live, "crm_live_"), (TenantKind.sandbox, "crm_test_")):
        client = await caller(tenant=await new_tenant_(kind))
        made = (await client.post("/api-keys", json={"name": "x", "scopes": ["*"]})).json()
        assert made["secret"].startswith(prefix)
        assert made["prefix"] == prefix


@given(st.booleans(), st.integers(9, 44), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_seen_without_the_database(
    sandbox: bool, place: int, letter: str
) -> None:
    key = new_key(sandbox)
    assert plausible(key)
    assert plausible(key[:place] + letter + key[place + 1 :]) == (key[place] == letter)
