"""Tokens of identity providers: accepted for what they say, and for nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg import Connection as Admin

from crm_api.cli.development.issuer import Person
from crm_api.kit.context import House
from crm_api.platform.access.doorkeeper import BearerDoorkeeper
from crm_api.platform.identity_providers import key_rings
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings
from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused
from tests.providing import PERSON, Trusting, provider, trusted_provider, trusting
from tests.serving import applications, client_of, figure, tenant_and_key

ADA = {"kind": "person", "name": "Ada"}


@pytest.fixture
async def trust(settings: Settings) -> AsyncIterator[Trusting]:
    async with trusted_provider(settings) as found:
        yield found


async def status(trust: Trusting, token: str) -> int:
    async with trust.caller(token) as caller:
        return (await caller.get("/me")).status_code


def forget(trust: Trusting) -> None:
    """What a second does to the tokens that a process remembers."""
    doorkeeper = trust.app.state.house.doorkeeper
    assert isinstance(doorkeeper, BearerDoorkeeper)
    doorkeeper._known.clear()


async def test_who_comes_with_a_token_may_do_what_its_claims_say(trust: Trusting) -> None:
    async with trust.caller(trust.provider.token()) as caller:
        me = (await caller.get("/me")).json()
        assert me["api_key_id"] is None
        assert me["subject_id"].startswith("sbj_")
        assert me["scopes"] == ["customers:read", "customers:write"]
        assert me["tenant"]["name"] == "Sunrise Group"
        assert (await caller.post("/customers", json=ADA)).status_code == 201
        refused(await caller.get("/api-keys"), 403, "forbidden")
    async with trust.caller(trust.provider.token(Person("x", "X", ()))) as nobody:
        assert (await nobody.get("/me")).json()["scopes"] == []
        refused(await nobody.get("/customers"), 403, "forbidden")


async def test_the_audit_names_who_did_it(trust: Trusting) -> None:
    async with trust.caller(trust.provider.token()) as caller:
        made = (await caller.post("/customers", json=ADA)).json()
        me = (await caller.get("/me")).json()
    await Sequencer(trust.app.state.house.pool).number_all()
    (record,) = (await trust.admin.get(f"/audit-records?actor_id={me['subject_id']}")).json()[
        "data"
    ]
    assert (record["object_id"], record["actor_id"]) == (made["id"], me["subject_id"])
    who = (await trust.admin.get(f"/subjects/{record['actor_id']}")).json()
    assert (who["issuer"], who["subject"]) == (trust.provider.url, PERSON.subject)
    assert (await trust.admin.get("/subjects")).json()["data"] == [who]
    by_key = (await trust.admin.get("/audit-records?type=identity_provider.created")).json()
    assert by_key["data"][0]["actor_id"].startswith("key_")
    foreign = me["subject_id"].replace("sbj_", "key_")
    nothing = await trust.admin.get(f"/audit-records?actor_id={foreign}")
    assert nothing.json()["data"] == []


async def test_one_person_is_one_subject_in_every_process_and_another_in_every_tenant(
    settings: Settings, trust: Trusting
) -> None:
    token, second = trust.provider.token(), trust.provider.token(iat=int(time.time()) - 1)
    allowed = {"egress_allow": f"127.0.0.1:{trust.provider.port}"}
    async with applications(settings, number=2, **allowed) as apps:
        ids = set()
        for app in (trust.app, *apps):
            for sent in (token, second):
                async with client_of(app, sent) as caller:
                    ids.add((await caller.get("/me")).json()["subject_id"])
        assert len(ids) == 1
        _, key = await tenant_and_key(apps[0].state.house)
        async with client_of(apps[0], key) as other:
            await other.post("/identity-providers", json=trusting(trust.provider, audience="b"))
        async with client_of(apps[0], trust.provider.token(aud="b")) as caller:
            ids.add((await caller.get("/me")).json()["subject_id"])
        assert len(ids) == 2


async def test_a_pair_of_issuer_and_audience_belongs_to_one_tenant(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    _, key = await tenant_and_key(trust.app.state.house)
    async with client_of(trust.app, key) as other, nothing_changes():
        body = trusting(trust.provider)
        problem = refused(
            await other.post("/identity-providers", json=body), 409, "duplicate-value"
        )
        assert problem["errors"][0]["pointer"] == "/issuer"
        assert "existing" not in problem
    assert await status(trust, trust.provider.token()) == 200


async def test_a_tenant_trusts_twenty_providers_at_most(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    """Also where the last places are asked for at the same time; another tenant has its own."""

    async def made(number: int) -> str:
        body = trusting(trust.provider, audience=f"audience-{number}")
        answer = await trust.admin.post("/identity-providers", json=body)
        return "made" if answer.status_code == 201 else refused(answer, 409, "conflict")["code"]

    outcomes = [await made(number) for number in range(17)]
    outcomes += await asyncio.gather(*(made(number) for number in range(17, 25)))
    assert (outcomes.count("made"), outcomes.count("conflict")) == (19, 6)
    async with nothing_changes():
        assert await made(30) == "conflict"
    _, key = await tenant_and_key(trust.app.state.house)
    async with client_of(trust.app, key) as other:
        body = trusting(trust.provider, audience="another")
        assert (await other.post("/identity-providers", json=body)).status_code == 201
    await trust.admin.delete(f"/identity-providers/{trust.record['id']}")
    assert [await made(30), await made(31)] == ["made", "conflict"]


async def test_a_token_for_two_tenants_is_for_none(trust: Trusting) -> None:
    _, key = await tenant_and_key(trust.app.state.house)
    async with client_of(trust.app, key) as other:
        made = await other.post(
            "/identity-providers", json=trusting(trust.provider, audience="second")
        )
        assert made.status_code == 201
    audience = trust.provider.issuer.audience
    assert await status(trust, trust.provider.token(aud=[audience, "unknown"])) == 200
    assert await status(trust, trust.provider.token(aud=[audience, "second"])) == 401


async def test_rules_read_claims_by_name_and_by_pointer(trust: Trusting) -> None:
    rules = [
        {"claim": "/realm_access/roles", "value": "a", "scopes": ["customers:read"]},
        {"claim": "/https:~1~1example.com~1role", "value": "b", "scopes": ["tenant:read"]},
        {"claim": "scope", "value": "crm", "scopes": ["audit:read"]},
        {"claim": "title", "value": "chief", "scopes": ["*"]},
    ]
    changed = await trust.admin.patch(
        f"/identity-providers/{trust.record['id']}",
        json={"scope_rules": rules, "scopes": ["sandbox:read"], "subject_claim": "oid"},
    )
    assert changed.status_code == 200, changed.text
    said: dict[str, Any] = {
        "oid": "4711",
        "realm_access": {"roles": ["x", "a"]},
        "https://example.com/role": "b",
        "scope": "openid crm",
        "title": "not the chief",
    }
    async with trust.caller(trust.provider.token(**said)) as caller:
        me = (await caller.get("/me")).json()
    assert me["scopes"] == ["audit:read", "customers:read", "sandbox:read", "tenant:read"]
    who = await trust.admin.get(f"/subjects/{me['subject_id']}")
    assert who.json()["subject"] == "4711"


async def test_a_change_of_the_rules_reaches_tokens_that_are_out(trust: Trusting) -> None:
    place, token = f"/identity-providers/{trust.record['id']}", trust.provider.token()
    assert await status(trust, token) == 200
    await trust.admin.patch(place, json={"scope_rules": []})
    forget(trust)
    async with trust.caller(token) as caller:
        refused(await caller.get("/customers"), 403, "forbidden")
    assert (await trust.admin.delete(place)).status_code == 204
    forget(trust)
    assert await status(trust, token) == 401
    assert (
        await trust.admin.post("/identity-providers", json=trusting(trust.provider))
    ).status_code == 201
    forget(trust)
    assert await status(trust, token) == 200


async def test_nobody_gives_more_to_others_than_he_holds(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    maker = await caller("identity_providers:write", "identity_providers:read", "customers:read")
    body: dict[str, Any] = {"name": "x", "issuer": "https://8.8.8.8", "audience": "a"}
    made = await maker.post("/identity-providers", json=body | {"scopes": ["customers:read"]})
    place = f"/identity-providers/{made.json()['id']}"
    rule = {"claim": "groups", "value": "x", "scopes": ["customers:write"]}
    async with nothing_changes():
        for given in ({"scopes": ["*"]}, {"scopes": ["customers:write"]}, {"scope_rules": [rule]}):
            other = body | {"audience": "b"} | given
            refused(await maker.post("/identity-providers", json=other), 403, "forbidden")
            refused(await maker.patch(place, json=given), 403, "forbidden")
        unknown = {**rule, "scopes": ["moon:read"]}
        problem = refused(
            await maker.patch(place, json={"scope_rules": [unknown]}), 422, "validation-failed"
        )
        assert problem["errors"][0]["pointer"] == "/scope_rules/0/scopes"


async def test_what_ends_opens_no_door_that_stays_open(
    trust: Trusting, nothing_changes: Unchanged
) -> None:
    rule = {"claim": "sub", "value": PERSON.subject, "scopes": ["*"]}
    place = f"/identity-providers/{trust.record['id']}"
    await trust.admin.patch(place, json={"scope_rules": [rule]})
    async with trust.caller(trust.provider.token()) as chief:
        assert (await chief.get("/me")).json()["scopes"] == ["*"]
        async with nothing_changes():
            body = trusting(trust.provider, audience="mine")
            refused(await chief.post("/identity-providers", json=body), 403, "forbidden")
            refused(await chief.patch(place, json={"scopes": ["*"]}), 403, "forbidden")
            key = {"name": "x", "scopes": ["*"]}
            refused(await chief.post("/api-keys", json=key), 403, "forbidden")


async def test_keys_may_be_exchanged_for_others_at_any_time(
    trust: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = trust.provider.token()
    assert await status(trust, before) == 200
    monkeypatch.setattr(key_rings, "PAUSE", 0.0)
    trust.provider.issuer.rotate(kept=1)
    assert await status(trust, trust.provider.token()) == 200
    forget(trust)
    assert await status(trust, before) == 200, "its key is still published"
    trust.provider.issuer.rotate(kept=0)
    assert await status(trust, trust.provider.token()) == 200
    forget(trust)
    assert await status(trust, before) == 401, "its key is withdrawn"


async def test_made_up_keys_do_not_storm_the_provider(trust: Trusting) -> None:
    assert await status(trust, trust.provider.token()) == 200
    asked = len(trust.provider.asked)
    assert asked == 2
    issuer = trust.provider.issuer
    claims = {"iss": issuer.url, "aud": issuer.audience, "sub": "x", "exp": int(time.time()) + 60}
    forged = [issuer.sign({"kid": f"../{number}"}, claims) for number in range(30)]
    assert set(await asyncio.gather(*(status(trust, token) for token in forged))) == {401}
    assert len(trust.provider.asked) == asked


async def test_who_comes_at_once_waits_for_one_fetch(trust: Trusting) -> None:
    tokens = [trust.provider.token(Person(f"p{n}", "", ())) for n in range(20)]
    assert set(await asyncio.gather(*(status(trust, token) for token in tokens))) == {200}
    assert len(trust.provider.asked) == 2


async def test_while_the_provider_is_down_its_known_keys_are_believed_for_a_while(
    trust: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rings, "PAUSE", 0.0)
    assert await status(trust, trust.provider.token()) == 200
    trust.provider.down = True
    monkeypatch.setattr(key_rings, "FRESH", 0.0)
    assert await status(trust, trust.provider.token()) == 200
    monkeypatch.setattr(key_rings, "TRUSTED", 0.0)
    async with trust.caller(trust.provider.token()) as caller:
        answer = await caller.get("/me")
    refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"]
    trust.provider.down = False
    assert await status(trust, trust.provider.token()) == 200


async def test_an_address_that_is_not_allowed_is_never_asked(settings: Settings) -> None:
    async with provider() as found, applications(settings) as (app,):
        _, key = await tenant_and_key(app.state.house)
        async with client_of(app, key) as admin:
            body = trusting(found)
            problem = refused(
                await admin.post("/identity-providers", json=body), 422, "url-not-allowed"
            )
            assert problem["errors"][0]["pointer"] == "/issuer"
        assert found.asked == []


async def test_a_token_is_remembered_for_a_second_and_never_beyond_its_end(
    trust: Trusting,
) -> None:
    token = trust.provider.token()
    async with trust.caller(token) as caller:
        assert (await caller.get("/me")).status_code == 200
        before = figure(trust.app, "crm_statements_total")
        assert (await caller.get("/me")).status_code == 200
        assert figure(trust.app, "crm_statements_total") == before
    short = trust.provider.token(exp=time.time() + 0.4)
    assert await status(trust, short) == 200
    await asyncio.sleep(0.5)
    assert await status(trust, short) == 401


async def test_wrong_tokens_count_as_wrong_keys_of_their_address(settings: Settings) -> None:
    async with trusted_provider(settings, wrong_keys=5) as trust:
        good = trust.provider.token()
        assert await status(trust, good) == 200
        wrong = [trust.provider.token(aud=f"other{n}") for n in range(8)]
        assert [await status(trust, token) for token in wrong] == [401] * 5 + [429] * 3
        assert await status(trust, good) == 200


async def test_tokens_live_in_real_time_in_a_sandbox_that_is_ahead(trust: Trusting) -> None:
    advanced = await trust.admin.post("/sandbox/clock/advance", json={"seconds": 86_400})
    assert advanced.status_code == 200
    assert await status(trust, trust.provider.token()) == 200


async def test_tokens_of_a_suspended_tenant_are_refused(
    trust: Trusting, admin: "Admin[Any]", house: House
) -> None:
    token = trust.provider.token()
    assert await status(trust, token) == 200
    tenant = (await trust.admin.get("/me")).json()["tenant"]["id"].removeprefix("ten_")
    await admin.execute("UPDATE tenants SET suspended_at = now() WHERE tenant_id = $1", tenant)
    forget(trust)
    assert await status(trust, token) == 401
