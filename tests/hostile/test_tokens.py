"""Tokens that are not what they say, and operations whose scopes a caller has not."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from joserfc import jws
from joserfc.jwk import ECKey
from starlette.types import Receive, Scope, Send

from crm_api.kit.context import House
from crm_api.platform.access.keys import new_key as made_up
from crm_api.settings import Settings
from tests.conftest import NewClient, Unchanged
from tests.providing import PERSON, Trusting, listening, trusted_provider
from tests.serving import client_of

from .catalogue import DOCUMENT, OPERATIONS, Operation, read, title
from .conftest import Side
from .refusals import refused

CASES = read("tokens.yaml")["tokens"]
ATTACKER = ECKey.generate_key("P-256", {"kid": "attacker"})
Json = dict[str, Any]


class Listener:
    """An address of the attacker's: nobody must ever ask it."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        keys = json.dumps({"keys": [ATTACKER.as_dict(private=False)]}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": keys})


@pytest.fixture(scope="module")
async def trust(settings: Settings) -> AsyncIterator[Trusting]:
    async with trusted_provider(settings) as found:
        yield found


@pytest.fixture(scope="module")
async def attacker() -> AsyncIterator[tuple[Listener, str]]:
    listener = Listener()
    async with listening(listener) as url:
        yield listener, url


@pytest.mark.parametrize("case", CASES, ids=title)
async def test_a_token_that_is_not_for_us_is_a_key_that_nobody_knows(
    trust: Trusting,
    attacker: tuple[Listener, str],
    nothing_changes: Unchanged,
    case: Json,
) -> None:
    listener, url = attacker
    async with trust.caller(trust.provider.token()) as good:
        assert (await good.get("/me")).status_code == 200
    sent, unknown = _forged(trust, url, case), made_up(sandbox=True)
    async with nothing_changes(), trust.caller(unknown) as nobody, trust.caller(sent) as stranger:
        wrong = await nobody.get("/me")
        for answer in (
            await stranger.get("/me"),
            await stranger.post("/customers", json={"kind": "person", "name": "Zhu Bajie"}),
        ):
            told, expected = refused(answer, 401, "unauthorized"), wrong.json()
            assert answer.headers["www-authenticate"] == wrong.headers["www-authenticate"]
            for same in ("type", "title", "detail", "errors"):
                assert told[same] == expected[same]
    assert listener.asked == 0


async def test_what_is_spoiled_is_itself_accepted(trust: Trusting) -> None:
    async with trust.caller(_forged(trust, "", {})) as caller:
        assert (await caller.get("/me")).status_code == 200


async def test_an_id_token_of_the_same_sign_in_is_no_access_token(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    issuer = trust.provider.issuer
    for nonce in (None, "n"):
        sent = issuer.id_token(PERSON, "tests", nonce)
        async with trust.caller(sent) as caller, nothing_changes():
            refused(await caller.get("/me"), 401, "unauthorized")


def _forged(trust: Trusting, attacker: str, case: Json) -> str:
    header: Json = {"alg": "ES256", "kid": trust.provider.issuer.keys[-1].kid, "typ": "at+jwt"}
    now, issuer = int(time.time()), trust.provider.issuer
    claims: Json = {"iss": issuer.url, "aud": issuer.audience, "sub": "x", "exp": now + 600}
    header = _spoiled(header, case.get("header", {}))
    claims = _spoiled(claims, case.get("claims", {}))
    first, second = (_filled(json.dumps(part), attacker, trust) for part in (header, claims))
    parts = {"header": _base64url(first), "claims": _base64url(second)}
    signed = f"{parts['header']}.{parts['claims']}".encode()
    parts["signature"] = _base64url(_signature(signed, trust, case))
    parts |= {"nested": _base64url("[" * 9000), "long": "A" * 17_000}
    return str(case.get("text", "{header}.{claims}.{signature}").format(**parts))


def _spoiled(good: Json, changed: Json) -> Json:
    return {name: value for name, value in (good | changed).items() if value is not None}


def _filled(text: str, attacker: str, trust: Trusting) -> str:
    """What YAML cannot say, put where its name stands; some of it is no JSON that Python writes."""
    now, own = int(time.time()), json.dumps(ATTACKER.as_dict(private=False))
    names = {
        "@attacker@": attacker,
        "@issuer@": trust.provider.url,
        "@surrogate@": "\\ud800",
        "@300 letters@": "x" * 300,
        "@text now + 60@": str(now + 60),
        '"@attacker\'s key@"': own,
        '"@now - 1@"': str(now - 1),
        '"@now + 120@"': str(now + 120),
        '"@1e400@"': "1e400",
        '"@NaN@"': "NaN",
        '"@digits@"': "9" * 1000,
    }
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def _signature(signed: bytes, trust: Trusting, case: Json) -> bytes:
    key = trust.provider.issuer.keys[-1]
    match case.get("signed_by"):
        case "nobody":
            return b""
        case "public key as PEM":
            return hmac.digest(key.as_pem(private=False), signed, hashlib.sha256)
        case "public key as JSON":
            secret = json.dumps(key.as_dict(private=False)).encode()
            return hmac.digest(secret, signed, hashlib.sha512)
        case "attacker":
            key = ATTACKER
    signature: bytes = jws.JWSRegistry.algorithms["ES256"].sign(signed, key)
    return signature


def _base64url(said: str | bytes) -> str:
    raw = said.encode() if isinstance(said, str) else said
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda o: o.id)
async def test_without_its_scopes_no_operation_does_anything(
    own: Side,
    app: FastAPI,
    house: House,
    caller: NewClient,
    nothing_changes: Unchanged,
    operation: Operation,
) -> None:
    """Whoever has all scopes but those that an operation needs is refused, and told which."""
    said = DOCUMENT["paths"][operation.path][operation.method.lower()]
    needed = set(said["security"][0]["bearer"])
    if not needed:
        return
    others = house.scopes - needed
    limited = await caller(*others, tenant=own.tenant)
    await limited.get("/me")
    body = {"json": operation.body} if operation.takes_body else {}
    async with nothing_changes():
        answer = await _bare(limited).request(operation.method, own.path(operation), **body)
    problem = refused(answer, 403, "forbidden")
    assert problem["missing_scope"] == sorted(needed)


def _bare(client: AsyncClient) -> AsyncClient:
    client.base_url = "http://test"
    return client


async def test_a_token_of_a_provider_is_held_to_its_scopes_as_a_key_is(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    place = f"/identity-providers/{trust.record['id']}"
    async with client_of(trust.app, trust.provider.token()) as caller:
        await caller.get("/me")
        async with nothing_changes():
            for answer in (
                await caller.get("/identity-providers"),
                await caller.patch(place, json={"scopes": ["customers:read"]}),
                await caller.delete(place),
                await caller.post("/api-keys", json={"name": "x", "scopes": ["customers:read"]}),
            ):
                refused(answer, 403, "forbidden")
