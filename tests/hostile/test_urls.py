"""Addresses that lead where nobody may send this server."""

import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from asyncpg import Connection as Admin

from crm_api.kit.context import House
from crm_api.kit.egress import Egress
from crm_api.kit.outbound import Outbound, Unreachable, UrlNotAllowed
from tests.conftest import Unchanged
from tests.providing import listening

from .catalogue import read, title
from .conftest import Side
from .refusals import refused
from .test_tokens import Listener

CASES = read("urls.yaml")["urls"]
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "loopback.example.com": ["127.0.0.1"],
    "metadata.example.com": ["169.254.169.254"],
    "both.example.com": ["8.8.8.8", "10.0.0.1"],
}


async def resolve(host: str, port: int) -> Sequence[str]:
    if host.lower() not in NAMES:
        raise socket.gaierror
    return NAMES[host.lower()]


@pytest.fixture(scope="module")
async def inside() -> AsyncIterator[tuple[Listener, str]]:
    listener = Listener()
    async with listening(listener) as url:
        yield listener, url.rpartition(":")[2]


@pytest.fixture(autouse=True)
def resolver(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.outbound, "resolve", resolve)


@pytest.mark.parametrize("case", CASES, ids=title)
async def test_an_address_that_leads_inside_is_refused_and_never_asked(
    own: Side, nothing_changes: Unchanged, inside: tuple[Listener, str], case: dict[str, Any]
) -> None:
    listener, port = inside
    url = case["url"].replace("@port@", port) + "x" * case.get("padded", 0)
    outbound = Outbound(Egress(), resolve)
    with pytest.raises(UrlNotAllowed) as told:
        await outbound.check(url, "/url")
    assert told.value.detail == UrlNotAllowed("/url").detail
    with pytest.raises(Unreachable) as silent:
        await outbound.get(url)
    assert str(silent.value) == ""
    body = {"name": "x", "issuer": url, "audience": "x", "scopes": ["*"]}
    async with nothing_changes():
        answer = await own.client.post("/v1/identity-providers", json=body)
    assert answer.json()["code"] in ("url-not-allowed", "validation-failed")
    problem = refused(answer, 422, answer.json()["code"])
    assert {error["pointer"] for error in problem["errors"]} == {"/issuer"}
    assert listener.asked == 0


@pytest.mark.parametrize("case", CASES, ids=title)
async def test_no_webhook_is_sent_to_an_address_that_leads_inside(
    own: Side,
    admin: "Admin[Any]",
    nothing_changes: Unchanged,
    inside: tuple[Listener, str],
    case: dict[str, Any],
) -> None:
    """Refused when it is made and changed, and once more when something is sent to it."""
    listener, port = inside
    url = case["url"].replace("@port@", port) + "x" * case.get("padded", 0)
    place = f"/v1/webhook-endpoints/{own.records['/v1/webhook-endpoints']}"
    wanted = "validation-failed" if "padded" in case or "\0" in url else "url-not-allowed"
    async with nothing_changes():
        for answer in (
            await own.client.post("/v1/webhook-endpoints", json={"url": url, "event_types": ["*"]}),
            await own.client.patch(place, json={"url": url}),
        ):
            problem = refused(answer, 422, wanted)
            assert {error["pointer"] for error in problem["errors"]} == {"/url"}
    if wanted == "url-not-allowed":
        kept = "UPDATE webhook_endpoints SET url = $1 WHERE tenant_id = $2"
        await admin.execute(kept, url, own.tenant.id)
        async with nothing_changes():
            refused(await own.client.post(f"{place}/test"), 422, "url-not-allowed")
    assert listener.asked == 0
