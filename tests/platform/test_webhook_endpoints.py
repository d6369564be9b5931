"""Where events are sent to: what may be asked for, by whom, and what is never shown again."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient
from standardwebhooks import Webhook

from crm_api.kit.vault import MOST_SECRETS
from crm_api.platform.webhook_endpoints.rules import MOST_ENDPOINTS
from crm_api.settings import Settings
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.receiving import Receiver
from tests.receiving import receiver as elsewhere
from tests.serving import applications, client_of, tenant_and_key

URL = "https://8.8.8.8/events"
ENDPOINT: dict[str, Any] = {"url": URL, "event_types": ["customer.*"]}
VIP = {"kind": "condition", "field": "tags", "op": "contains", "value": "vip"}


async def made(client: AsyncClient, **said: Any) -> dict[str, Any]:
    response = await client.post("/webhook-endpoints", json={**ENDPOINT, **said})
    assert response.status_code == 201, response.text
    endpoint: dict[str, Any] = response.json()
    return endpoint


def place(endpoint: dict[str, Any], verb: str = "") -> str:
    return f"/webhook-endpoints/{endpoint['id']}{verb}"


def pointers(response: Any) -> set[str]:
    return {error["pointer"] for error in response.json()["errors"]}


async def test_an_endpoint_is_read_as_it_was_made_but_for_its_secret(client: AsyncClient) -> None:
    endpoint = await made(client, filter=VIP, headers={"X-Env": "prod"}, description="ERP")
    secret = endpoint.pop("secret")
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert (await client.get(place(endpoint))).json() == endpoint
    me = (await client.get("/me")).json()
    told = {name: endpoint[name] for name in ("state", "payload", "scopes", "masked", "filter")}
    assert told == {
        "state": "active",
        "payload": "full",
        "scopes": ["*"],
        "masked": False,
        "filter": VIP,
    }
    assert endpoint["header_names"] == ["X-Env"]
    assert endpoint["created_by"] == me["api_key_id"]
    listed = (await client.get("/webhook-endpoints")).json()["data"]
    assert listed == [endpoint]


async def test_secrets_are_in_no_table_and_no_event_as_they_are(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    key = {"Idempotency-Key": "one"}
    sent = {**ENDPOINT, "headers": {"Authorization": "Bearer zhubajie"}}
    first = await client.post("/webhook-endpoints", json=sent, headers=key)
    again = await client.post("/webhook-endpoints", json=sent, headers=key)
    assert again.content == first.content
    secret = first.json()["secret"]
    for table in ("webhook_endpoints", "events", "event_values", "idempotency_keys"):
        rows = [str(tuple(row)) for row in await admin.fetch(f"SELECT * FROM {table}")]
        assert not any(secret in row or "zhubajie" in row for row in rows), table


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"event_types": ["nobody.*"]}, "/event_types/0", "event_type_unknown"),
        ({"event_types": ["customer.*", "customer.x"]}, "/event_types/1", "event_type_unknown"),
        ({"event_types": []}, "/event_types", "too_short"),
        ({"filter": VIP, "event_types": ["*"]}, "/filter", "filter_without_noun"),
        ({"filter": VIP, "event_types": ["api_key.*"]}, "/filter", "filter_without_noun"),
        ({"filter": {**VIP, "field": "parent.tags"}}, "/filter", "field_not_in_event"),
        ({"filter": {**VIP, "field": "zhubajie"}}, "/filter/field", "unknown_field"),
        ({"scopes": ["zhubajie:read"]}, "/scopes", "scope_unknown"),
        ({"url": "ftp://8.8.8.8/"}, "/url", "url_not_allowed"),
    ],
)
async def test_what_cannot_be_sent_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, said: dict[str, Any], pointer: str, code: str
) -> None:
    endpoint = await made(client)
    async with nothing_changes():
        refused = await client.post("/webhook-endpoints", json={**ENDPOINT, **said})
        unchanged = await client.patch(place(endpoint), json=said)
    for answer in (refused, unchanged):
        assert answer.status_code == 422, answer.text
        told = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
        assert told == [(pointer, code)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Webhook-Signature": "v1,x"},
        {"webhook-id": "evt"},
        {"Authorization": "Bearer x\r\nHost: 127.0.0.1"},
        {"Authorization": "Bearer x\n"},
        {"X Env": "prod"},
        {"X-Env:": "prod"},
        {"X-Env\r\nHost": "prod"},
        {"X-Env": "王"},
        {"X-Env": ""},
        {f"X-{number}": "x" for number in range(11)},
    ],
    ids=str,
)
async def test_headers_that_are_the_servers_or_break_a_line_are_refused(
    client: AsyncClient, nothing_changes: Unchanged, headers: dict[str, str]
) -> None:
    endpoint = await made(client)
    async with nothing_changes():
        refused = await client.post("/webhook-endpoints", json={**ENDPOINT, "headers": headers})
        unchanged = await client.patch(place(endpoint), json={"headers": headers})
    for answer in (refused, unchanged):
        assert answer.status_code == 422
        assert {pointer.split("/")[1] for pointer in pointers(answer)} == {"headers"}


async def test_a_tenant_has_fifty_endpoints_at_most_however_many_come_at_once(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    answers = await asyncio.gather(
        *[client.post("/webhook-endpoints", json=ENDPOINT) for _ in range(MOST_ENDPOINTS + 5)]
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * MOST_ENDPOINTS + [422] * 5
    async with nothing_changes():
        assert (await client.post("/webhook-endpoints", json=ENDPOINT)).status_code == 422


async def test_secrets_are_rotated_and_five_are_in_use_at_most(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    endpoint = await made(client)
    rotate = place(endpoint, "/rotate-secret")
    secrets = {endpoint["secret"]}
    for number in range(2, MOST_SECRETS + 1):
        rotated = await client.post(rotate, json={"overlap_seconds": 3600})
        assert (rotated.status_code, rotated.json()["version"]) == (200, number)
        assert rotated.json()["old_secrets_until"] is not None
        secrets.add(rotated.json()["secret"])
    assert len(secrets) == MOST_SECRETS
    async with nothing_changes():
        assert (await client.post(rotate, json={"overlap_seconds": 3600})).status_code == 409
    await client.post("/sandbox/clock/advance", json={"seconds": 3601})
    alone = await client.post(rotate, json={"overlap_seconds": 0})
    assert (alone.status_code, alone.json()["old_secrets_until"]) == (200, None)


async def test_an_endpoint_sees_no_more_than_who_made_it(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    writer = await caller("webhook_endpoints:write", "customers:read", tenant=tenant)
    endpoint = await made(writer, event_types=["*"])
    assert endpoint["scopes"] == ["customers:read", "webhook_endpoints:write"]
    async with nothing_changes():
        for said in ({"event_types": ["api_key.*"]}, {"scopes": ["api_keys:read"]}):
            refused = await writer.post("/webhook-endpoints", json={**ENDPOINT, **said})
            assert refused.status_code == 403, refused.text


async def test_a_change_narrows_what_an_endpoint_sees_and_never_widens_it(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    everything = await caller(tenant=tenant)
    narrow = await caller("webhook_endpoints:write", "customers:read", tenant=tenant)
    endpoint = await made(everything, event_types=["*"], scopes=["customers:read", "tenant:read"])
    moved = await narrow.patch(place(endpoint), json={"url": "https://8.8.4.4/"})
    assert moved.json()["scopes"] == ["customers:read"]
    assert moved.json()["created_by"] == endpoint["created_by"]
    async with nothing_changes():
        wider = await everything.patch(place(endpoint), json={"scopes": ["tenant:read"]})
    assert (wider.status_code, pointers(wider)) == (422, {"/scopes"})
    masked = await everything.patch(place(endpoint), json={"masked": True})
    assert masked.json()["masked"] is True
    async with nothing_changes():
        shown = await everything.patch(place(endpoint), json={"masked": False})
    assert (shown.status_code, pointers(shown)) == (422, {"/masked"})


async def test_an_endpoint_ends_with_the_key_that_made_it_until_somebody_enables_it(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    tenant = await new_tenant_()
    everything = await caller(tenant=tenant)
    narrow = await caller("webhook_endpoints:write", "customers:read", tenant=tenant)
    endpoint, other = await made(narrow), await made(everything)
    assert (await everything.delete(f"/api-keys/{endpoint['created_by']}")).status_code == 204
    read = (await everything.get(place(endpoint))).json()
    assert (read["state"], read["disabled_reason"]) == ("disabled", "key_revoked")
    assert (await everything.get(place(other))).json()["state"] == "active"
    enabled = (await everything.post(place(endpoint, "/enable"))).json()
    assert (enabled["state"], enabled["disabled_reason"]) == ("active", None)
    assert (enabled["scopes"], enabled["created_by"]) == (endpoint["scopes"], other["created_by"])
    again = await everything.post(place(endpoint, "/enable"))
    assert (again.status_code, again.json()) == (200, enabled)


@pytest.fixture
async def reached(settings: Settings) -> AsyncIterator[tuple[AsyncClient, Receiver]]:
    """A client of an application that may send to a receiver on this machine."""
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(elsewhere())
        allowed = applications(settings, egress_allow=found.allowed)
        (app,) = await stack.enter_async_context(allowed)
        _, key = await tenant_and_key(app.state.house)
        yield await stack.enter_async_context(client_of(app, key)), found


async def test_a_test_is_sent_at_once_signed_and_what_it_says_is_not_told(
    reached: tuple[AsyncClient, Receiver],
) -> None:
    client, receiver = reached
    endpoint = await made(client, url=receiver.url, headers={"X-Env": "prod"})
    receiver.answers(200, b"zhubajie", {"Location": "http://127.0.0.1/"})
    tested = await client.post(place(endpoint, "/test"))
    told = tested.json()
    assert (told["delivered"], told["status_code"], told["error"]) == (True, 200, None)
    assert told["latency_ms"] >= 0
    assert "zhubajie" not in tested.text
    [request] = receiver.came
    assert request.headers["x-env"] == "prod"
    event = Webhook(endpoint["secret"]).verify(request.body, request.headers)
    assert (event["type"], event["id"]) == ("webhook.test", request.headers["webhook-id"])


async def test_a_test_tells_what_went_wrong_in_one_word_and_follows_nothing(
    reached: tuple[AsyncClient, Receiver],
) -> None:
    client, receiver = reached
    endpoint = await made(client, url=receiver.url)
    async with elsewhere() as inside:
        for status in (301, 302, 303, 307, 308, 404, 500):
            receiver.answers(status, b"", {"Location": inside.url})
            told = (await client.post(place(endpoint, "/test"))).json()
            assert (told["delivered"], told["status_code"]) == (False, status)
        assert inside.came == []
    receiver.drops()
    told = (await client.post(place(endpoint, "/test"))).json()
    assert (told["delivered"], told["status_code"], told["error"]) == (False, None, "no_answer")
    before = len(receiver.came)
    rehearsed = await client.post(place(endpoint, "/test"), headers={"Crm-Dry-Run": "true"})
    assert rehearsed.json()["delivered"] is False
    assert len(receiver.came) == before
