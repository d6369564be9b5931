"""What scopes allow: single ones, wildcards, and rights of their own beside reading and writing."""

from collections.abc import Iterable
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.context import House
from crm_api.kit.covering import common, covers
from crm_api.platform.access.standing import Asker, as_he_stands
from crm_api.platform.access.tokens import PREFIX
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import create, refused
from tests.serving import client_of

from .test_oauth import made as made_key

BOB = {"kind": "person", "name": "Bob"}
SINGLE = ("customers:read", "customers:write", "customers:export", "teams:read", "teams:write")
SOME = st.sets(st.sampled_from([*SINGLE, "*", "*:read"]))


def held_by(scopes: Iterable[str]) -> set[str]:
    """The single scopes that some allow, in the plainest words."""
    allowed = set(scopes)
    reads = {scope for scope in SINGLE if scope.endswith(":read")} if "*:read" in allowed else set()
    return set(SINGLE) if "*" in allowed else (allowed & set(SINGLE)) | reads


@given(SOME, SOME)
def test_what_two_have_in_common_is_what_each_allows(one: set[str], other: set[str]) -> None:
    both = common(one, other)
    assert held_by(both) == held_by(one) & held_by(other)
    assert both == common(other, one)
    assert both <= one | other
    assert covers(one, both)
    assert covers(other, both)


@given(SOME, SOME)
def test_whoever_covers_a_wildcard_holds_it(held: set[str], wanted: set[str]) -> None:
    everything, reads = "*" in held, bool({"*", "*:read"} & held)
    kept = ("*" not in wanted or everything) and ("*:read" not in wanted or reads)
    assert covers(held, wanted) == (kept and held_by(wanted - {"*", "*:read"}) <= held_by(held))


async def test_a_key_that_reads_everything_reads_everything_and_changes_nothing(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    bob = await create(await caller(tenant=tenant))
    auditor = await caller("*:read", tenant=tenant)
    assert (await auditor.get("/me")).json()["scopes"] == ["*:read"]
    places = ("/customers", "/api-keys", "/tenant", "/audit-records", "/events", "/jobs", "/views")
    for place in (*places, f"/customers/{bob['id']}/history"):
        assert (await auditor.get(place)).status_code == 200, place
    asked = {"filter": {"kind": "condition", "field": "name", "op": "eq", "value": "Bob"}}
    assert (await auditor.post("/customers/search", json=asked)).status_code == 200
    async with nothing_changes():
        for place, body, lacks in (
            ("/customers", BOB, "customers:write"),
            (f"/customers/{bob['id']}/archive", None, "customers:write"),
            ("/api-keys", {"name": "x", "scopes": ["customers:read"]}, "api_keys:write"),
            ("/exports", {"resource": "customers"}, "customers:export"),
            ("/snapshots", {"resource": "customers"}, "customers:export"),
        ):
            problem = refused(await auditor.post(place, json=body), 403, "forbidden")
            assert problem["missing_scope"] == [lacks], place


async def test_whoever_may_read_everything_gives_the_reading_and_no_more(
    caller: NewClient, nothing_changes: Unchanged
) -> None:
    maker = await caller("*:read", "api_keys:write")
    for scopes in (["customers:read"], ["tenant:read", "audit:read"], ["*:read"]):
        made = await maker.post("/api-keys", json={"name": "x", "scopes": scopes})
        assert (made.status_code, made.json()["scopes"]) == (201, scopes)
    async with nothing_changes():
        for scopes in (["*"], ["customers:write"], ["*:read", "customers:export"]):
            answer = await maker.post("/api-keys", json={"name": "x", "scopes": scopes})
            refused(answer, 403, "forbidden")


async def test_nobody_gives_a_wildcard_who_has_none(
    caller: NewClient, house: House, nothing_changes: Unchanged
) -> None:
    """Not even who holds all scopes of today: tomorrow there may be others."""
    maker = await caller(*sorted(house.scopes))
    async with nothing_changes():
        for scope in ("*:read", "*"):
            answer = await maker.post("/api-keys", json={"name": "x", "scopes": [scope]})
            refused(answer, 403, "forbidden")
    chief = await caller("*")
    answer = await chief.post("/api-keys", json={"name": "x", "scopes": ["*:read"]})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "scope",
    "*:write *:export customers:* customers:delete customers:purge teams:export *: :read ** "
    "customers:act-as Customers:export *:read:write".split(),
)
async def test_what_no_operation_asks_for_is_no_scope(
    client: AsyncClient, nothing_changes: Unchanged, scope: str
) -> None:
    async with nothing_changes():
        answer = await client.post("/api-keys", json={"name": "x", "scopes": [scope]})
        refused(answer, 422, "validation-failed")


async def test_a_masked_key_has_only_rights_that_change_no_record(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    key = {"name": "x", "masked": True}
    for scopes in (["*:read"], ["customers:read", "customers:unmask"], ["customers:export"]):
        made = await client.post("/api-keys", json={**key, "scopes": scopes})
        assert made.status_code == 201, made.text
    async with nothing_changes():
        for scopes in (["*"], ["customers:write"], ["customers:read", "customers:bulk"]):
            answer = await client.post("/api-keys", json={**key, "scopes": scopes})
            problem = refused(answer, 422, "validation-failed")
            assert problem["errors"][0]["code"] == "masked_key_writes"


async def test_tokens_of_a_key_that_reads_everything(
    app: FastAPI, client: AsyncClient, nothing_changes: Unchanged
) -> None:
    reader = await made_key(app, client, scopes=["*:read", "customers:write"])
    for wanted in ("customers:read", "*:read", "customers:write tenant:read"):
        answer = await reader.ask(scope=wanted)
        assert answer.json()["scope"] == wanted, answer.text
        assert answer.json()["access_token"].startswith(PREFIX)
        async with client_of(app, answer.json()["access_token"]) as caller:
            assert " ".join((await caller.get("/me")).json()["scopes"]) == wanted
            found = (await caller.get("/tenant")).status_code
            assert found == (403 if wanted == "customers:read" else 200)
    single = await made_key(app, client, scopes=["customers:read"])
    async with nothing_changes():
        for key, wanted in ((reader, "*"), (reader, "tenant:write"), (single, "*:read")):
            answer = await key.ask(scope=wanted)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    chief = await made_key(app, client, scopes=["*"])
    assert (await chief.ask(scope="*:read")).json()["scope"] == "*:read"


async def test_who_asked_for_work_has_of_it_what_he_still_has(
    caller: NewClient, new_tenant_: NewTenant, house: House
) -> None:
    tenant = await new_tenant_()
    reader = await caller("*:read", "customers:export", tenant=tenant)
    id = (await reader.get("/me")).json()["api_key_id"]
    for asked, kept in (
        ({"*"}, {"*:read", "customers:export"}),
        ({"*:read"}, {"*:read"}),
        ({"customers:read", "customers:write"}, {"customers:read"}),
        ({"customers:export", "customers:bulk"}, {"customers:export"}),
    ):
        asker = Asker(UUID(id[4:]), frozenset(asked), False)
        actor = await as_he_stands(house, tenant.id, asker)
        assert actor is not None
        assert actor.scopes == kept


async def test_events_of_records_that_each_sees_others_of_take_more_than_reading(
    caller: NewClient, new_tenant_: NewTenant, house: House
) -> None:
    tenant = await new_tenant_()
    chief = await caller(tenant=tenant)
    auditor = await caller("*:read", tenant=tenant)
    await create(chief)
    view = {"name": "Mine", "resource": "customers", "search": {}}
    assert (await chief.post("/views", json=view)).status_code == 201
    while await Sequencer(house.pool).number_all():
        pass
    every = {event["type"] for event in (await chief.get("/events")).json()["data"]}
    seen = {event["type"] for event in (await auditor.get("/events")).json()["data"]}
    assert every - seen == {"view.created"}


async def test_an_endpoint_of_a_key_that_reads_everything_sees_what_it_reads(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    chief = await caller(tenant=tenant)
    reader = await caller("*:read", "webhook_endpoints:write", tenant=tenant)
    body = {"url": "https://8.8.8.8/", "event_types": ["customer.*"]}
    made = (await reader.post("/webhook-endpoints", json=body)).json()
    assert made["scopes"] == ["*:read", "webhook_endpoints:write"]
    place = f"/webhook-endpoints/{made['id']}"
    narrow = await chief.patch(place, json={"scopes": ["customers:read", "tenant:read"]})
    assert narrow.json()["scopes"] == ["customers:read", "tenant:read"]
    async with nothing_changes():
        for scopes in (["*:read"], ["*"], ["teams:read"]):
            wider = await chief.patch(place, json={"scopes": scopes})
            refused(wider, 422, "validation-failed")
    wide = (await chief.post("/webhook-endpoints", json=body)).json()
    moved = await reader.patch(f"/webhook-endpoints/{wide['id']}", json={"url": "https://8.8.4.4/"})
    assert moved.json()["scopes"] == ["*:read", "webhook_endpoints:write"]


async def test_the_contract_says_what_each_right_is_for(app: FastAPI, client: AsyncClient) -> None:
    schemes = (await client.get("http://test/openapi.json")).json()["components"]["securitySchemes"]
    told = schemes["oauth2"]["flows"]["clientCredentials"]["scopes"]
    assert told.keys() >= {"*", "*:read", "customers:export", "customers:bulk", "customers:unmask"}
    assert all(said.endswith(".") for said in told.values())
