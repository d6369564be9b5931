"""`POST /oauth/token`: a key is exchanged for a token that ends soon (RFC 6749, 4.4)."""

import asyncio
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.context import House
from crm_api.platform.access import tokens
from crm_api.platform.access.keys import new_key as made_up
from crm_api.platform.access.tokens import Grant
from crm_api.settings import Settings
from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused
from tests.serving import applications, client_of, tenant_and_key


class Key:
    """A key and what is done with it."""

    def __init__(self, app: FastAPI, id: str, secret: str) -> None:
        self.app, self.id, self.secret = app, id, secret

    async def ask(self, headers: dict[str, str] | None = None, **form: Any) -> Response:
        """The request as it should be, but for what `form` says; null takes a parameter away."""
        good = {"client_id": self.id, "client_secret": self.secret}
        sent = {"grant_type": "client_credentials", **good, **form}
        async with AsyncClient(transport=ASGITransport(self.app), base_url="http://test") as nobody:
            kept = {name: value for name, value in sent.items() if value is not None}
            return await nobody.post("/oauth/token", data=kept, headers=headers)

    async def token(self, **form: Any) -> str:
        answer = await self.ask(**form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def basic(id: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(id)}:{quote_plus(secret)}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


async def made(app: FastAPI, client: AsyncClient, **said: Any) -> Key:
    body = {"name": "ERP", "scopes": ["customers:read", "customers:write"], **said}
    answer = await client.post("/api-keys", json=body)
    assert answer.status_code == 201, answer.text
    return Key(app, answer.json()["id"], answer.json()["secret"])


@pytest.fixture
async def key(app: FastAPI, client: AsyncClient) -> Key:
    return await made(app, client)


async def test_a_key_is_exchanged_for_a_token_that_does_what_the_key_does(
    app: FastAPI, key: Key
) -> None:
    answer = await key.ask()
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert list(told) == ["access_token", "token_type", "expires_in", "scope"]
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 600)
    assert told["scope"] == "customers:read customers:write"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.headers["ratelimit"]
    async with client_of(app, told["access_token"]) as caller:
        me = (await caller.get("/me")).json()
        assert (me["api_key_id"], me["subject_id"]) == (key.id, None)
        assert me["scopes"] == ["customers:read", "customers:write"]
        created = await caller.post("/customers", json={"kind": "person", "name": "Ada"})
        assert created.status_code == 201


async def test_a_client_may_name_itself_in_the_header(app: FastAPI, key: Key) -> None:
    bare = {"client_id": None, "client_secret": None}
    headers = basic(key.id, key.secret)
    shouted = {"Authorization": headers["Authorization"].replace("Basic", "BASIC")}
    assert (await key.ask(headers, **bare)).status_code == 200
    assert (await key.ask(shouted, **bare)).status_code == 200
    both = await key.ask(basic(key.id, key.secret))
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


async def test_a_token_has_no_more_than_was_asked_for_and_the_key_has(
    app: FastAPI, key: Key, client: AsyncClient
) -> None:
    narrow = await key.ask(scope="customers:read")
    assert narrow.json()["scope"] == "customers:read"
    async with client_of(app, narrow.json()["access_token"]) as caller:
        body = {"kind": "person", "name": "Ada"}
        refused(await caller.post("/customers", json=body), 403, "forbidden")
        assert (await caller.get("/customers")).status_code == 200
    more = ("tenant:read", "customers:read tenant:read", "*", "moon:read", "customers:read,")
    for wanted in more:
        answer = await key.ask(scope=wanted)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    chief = await made(app, client, scopes=["*"])
    assert (await chief.ask()).json()["scope"] == "*"
    assert (await chief.ask(scope="tenant:read")).json()["scope"] == "tenant:read"
    assert (await chief.ask(scope="moon:read")).json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials"] * 2}, 400, "invalid_request"),
        ({"scope": ["customers:read", "customers:write"]}, 400, "invalid_request"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": f"key_{'0' * 32}"}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_secret": "crm_test_" + "0" * 36}, 401, "invalid_client"),
        ({"client_secret": "é\0"}, 401, "invalid_client"),
        ({"client_secret": made_up(sandbox=True)}, 401, "invalid_client"),
    ],
)
async def test_errors_have_the_form_of_the_standard(
    key: Key, nothing_changes: Unchanged, form: dict[str, Any], status: int, error: str
) -> None:
    async with nothing_changes():
        answer = await key.ask(**form)
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert list(answer.json()) == ["error", "error_description"]
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert key.secret not in answer.text


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic !",
        "Basic é",
        "Basic " + b64encode(b"no colon").decode(),
        "Basic " + b64encode(b"\xff:\xff").decode(),
        "Bearer x",
    ],
)
async def test_a_header_that_names_no_client_is_refused(key: Key, authorization: str) -> None:
    bare = {"client_id": None, "client_secret": None}
    sent = {"Authorization": authorization.encode("latin-1")}
    answer = await key.ask(sent, **bare)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("", b"grant_type=client_credentials"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded", b"grant_type=%FF%FE"),
        ("application/x-www-form-urlencoded", "grant_type=é".encode()),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(1000))),
        ("application/x-www-form-urlencoded", b""),
    ],
)
async def test_what_is_no_form_is_refused(app: FastAPI, media_type: str, body: bytes) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as nobody:
        headers = {"Content-Type": media_type}
        answer = await nobody.post("/oauth/token", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        large = await nobody.post("/oauth/token", content=b"a" * 2_000_000, headers=headers)
        refused(large, 413, "payload-too-large")
        refused(await nobody.get("/oauth/token"), 405, "method-not-allowed")


async def test_a_token_makes_no_token_and_no_key_that_outlives_it(
    app: FastAPI, client: AsyncClient, nothing_changes: Unchanged
) -> None:
    chief = await made(app, client, scopes=["*"])
    token = await chief.token()
    answer = await chief.ask(client_secret=token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    async with client_of(app, token) as caller:
        await caller.get("/me")
        async with nothing_changes():
            body = {"name": "x", "scopes": ["*"]}
            refused(await caller.post("/api-keys", json=body), 403, "forbidden")
            provider = {"name": "x", "issuer": "https://8.8.8.8", "audience": "x"}
            made_ = await caller.post("/identity-providers", json=provider)
            refused(made_, 403, "forbidden")
        soon = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
        short = await caller.post("/api-keys", json={**body, "expires_at": soon})
        assert short.status_code == 201


async def test_a_token_dies_with_its_key(app: FastAPI, client: AsyncClient, house: House) -> None:
    key = await made(app, client)
    token = await key.token()
    async with client_of(app, token) as caller:
        assert (await caller.get("/me")).status_code == 200
        assert (await client.delete(f"/api-keys/{key.id}")).status_code == 204
        await asyncio.sleep(1.1)
        refused(await caller.get("/me"), 401, "unauthorized")
    assert (await key.ask()).json()["error"] == "invalid_client"


async def test_a_token_ends(
    app: FastAPI, key: Key, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await key.token()
    grant = tokens.read(house.secret, token)
    assert grant is not None
    late = tokens.write(house.secret, Grant(grant.tenant_id, grant.key_id, grant.ends - 601, None))
    async with client_of(app, late) as caller:
        refused(await caller.get("/me"), 401, "unauthorized")
    async with client_of(app, token) as caller:
        assert (await caller.get("/me")).status_code == 200


async def test_a_token_of_a_key_that_ends_sooner_ends_with_it(
    app: FastAPI, client: AsyncClient
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    key = await made(app, client, expires_at=soon)
    assert 80 <= (await key.ask()).json()["expires_in"] <= 90


async def test_a_masked_key_makes_masked_tokens(app: FastAPI, client: AsyncClient) -> None:
    key = await made(app, client, scopes=["customers:read"], masked=True)
    async with client_of(app, await key.token()) as caller:
        assert (await caller.get("/me")).json()["masked"] is True


async def test_wrong_secrets_count_as_wrong_keys(settings: Settings) -> None:
    async with applications(settings, wrong_keys=5) as (app,):
        _, secret = await tenant_and_key(app.state.house)
        async with client_of(app, secret) as client:
            id = (await client.get("/me")).json()["api_key_id"]
        key = Key(app, id, secret)
        answers = [await key.ask(client_secret=made_up(sandbox=True)) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
        refused(answers[-1], 429, "rate-limited")


async def test_a_page_may_read_the_answer_where_the_tenant_allows_it(
    client: AsyncClient, key: Key
) -> None:
    origin = {"Origin": "https://crm.example.com"}
    assert "access-control-allow-origin" not in (await key.ask(origin)).headers
    await client.patch("/tenant", json={"allowed_origins": [origin["Origin"]]})
    await asyncio.sleep(1.1)
    answer = await key.ask(origin)
    assert answer.headers["access-control-allow-origin"] == origin["Origin"]


async def test_tokens_of_another_installation_are_none(caller: NewClient, app: FastAPI) -> None:
    me = (await (await caller()).get("/me")).json()
    id = uuid4()
    grant = Grant(id, id, 2**33, None)
    for token in (
        tokens.write(b"another secret", grant),
        tokens.write(b"", grant)[:-1],
        tokens.PREFIX,
        f"{tokens.PREFIX}é",
        f"{tokens.PREFIX}{'A' * 20_000}",
    ):
        async with client_of(app, "x") as stranger:
            sent = {"Authorization": f"Bearer {token}".encode("latin-1")}
            refused(await stranger.get("/me", headers=sent), 401, "unauthorized")  # type: ignore[arg-type]
    assert me["scopes"] == ["*"]


@given(st.binary(min_size=1, max_size=40), st.integers(0, 200), st.integers(1, 255))
def test_a_token_that_was_changed_is_none(secret: bytes, place: int, change: int) -> None:
    grant = Grant(uuid4(), uuid4(), 2**31, frozenset({"customers:read"}))
    token = tokens.write(secret, grant)
    assert tokens.read(secret, token) == grant
    at = len(tokens.PREFIX) + place % (len(token) - len(tokens.PREFIX) - 1)
    other = "A" if token[at] != "A" else "B"
    assert tokens.read(secret, token[:at] + other + token[at + 1 :]) is None
    assert tokens.read(secret + b"x", token) is None
