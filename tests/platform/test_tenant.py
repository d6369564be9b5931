"""What a tenant settles for itself, and who may read its answers from a browser."""

from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from tests.conftest import NewClient
from tests.features.test_customers import refused

from .test_access import forget

ORIGIN = "https://crm.example.com"


async def test_settings_are_read_and_changed(client: AsyncClient) -> None:
    before = await client.get("/tenant")
    assert before.json()["base_currency"] == "CNY"
    patch = {"base_currency": "EUR", "time_zone": "Europe/Berlin", "languages": ["de", "en"]}
    after = await client.patch("/tenant", json=patch, headers={"If-Match": before.headers["etag"]})
    assert after.status_code == 200, after.text
    assert {name: after.json()[name] for name in patch} == patch
    assert (await client.get("/tenant")).content == after.content
    late = await client.patch("/tenant", json=patch, headers={"If-Match": before.headers["etag"]})
    refused(late, 412, "precondition-failed")


@pytest.mark.parametrize(
    "patch",
    [
        {"kind": "live"},
        {"base_currency": "XXX"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"phone_region": "ZZ"},
        {"languages": []},
        {"allowed_origins": ["*"]},
        {"allowed_origins": ["https://x.example/path"]},
        {"name": None},
    ],
)
async def test_what_cannot_be_settled_is_refused(
    client: AsyncClient, patch: dict[str, Any]
) -> None:
    before = await client.get("/tenant")
    refused(await client.patch("/tenant", json=patch), 422, "validation-failed")
    assert (await client.get("/tenant")).content == before.content


async def test_only_allowed_origins_may_read_answers(client: AsyncClient, house: House) -> None:
    await client.patch("/tenant", json={"allowed_origins": [ORIGIN]})
    forget(house)
    ours = await client.get("/me", headers={"Origin": ORIGIN})
    assert ours.headers["access-control-allow-origin"] == ORIGIN
    assert "ETag" in ours.headers["access-control-expose-headers"]
    assert "Origin" in ours.headers["vary"]
    theirs = await client.get("/me", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers


async def test_a_preflight_needs_no_key_and_a_refusal_may_be_read(caller: NewClient) -> None:
    client = await caller()
    del client.headers["authorization"]
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"}
    preflight = await client.options("/customers", headers=asked)
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert "If-Match" in preflight.headers["access-control-allow-headers"]
    refusal = await client.get("/me", headers={"Origin": ORIGIN})
    assert refused(refusal, 401, "unauthorized")
    assert refusal.headers["access-control-allow-origin"] == ORIGIN
