"""A caller who sees personal data masked looks at one customer whole, and the audit tells of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.platform.test_custom_fields import define

from .test_customers import WANG, create, refused

Json = dict[str, Any]
Masked = Callable[..., Awaitable[AsyncClient]]
Numbered = Callable[[], Awaitable[None]]
WHY = {"reason": "工单 4711: calls back"}
LOOKS = ("customers:read", "customers:unmask", "events:read")
NOBODY = f"cus_{'0' * 32}"
DRY = {"Crm-Dry-Run": "true"}
PERSONAL = ("13800138000", "wang.fang@example.com", "1990-02-28", "hush")


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def client(caller: NewClient, tenant: Tenant) -> AsyncClient:
    return await caller(tenant=tenant)


@pytest.fixture
async def wang(client: AsyncClient) -> Json:
    await define(client, "note", sensitivity="secret")
    await define(client, "hobby")
    return await create(client, **WANG, custom={"note": "hush", "hobby": "go"})


@pytest.fixture
def masked(caller: NewClient, client: AsyncClient, tenant: Tenant) -> Masked:
    """`await masked("customers:read")`: a client with these scopes, who sees masked data."""

    async def make(*scopes: str) -> AsyncClient:
        sent = {"name": "Support", "scopes": list(scopes or LOOKS), "masked": True}
        made = await client.post("/api-keys", json=sent)
        assert made.status_code == 201, made.text
        other = await caller(tenant=tenant)
        other.headers["Authorization"] = f"Bearer {made.json()['secret']}"
        return other

    return make


@pytest.fixture
def numbered(house: House) -> Numbered:
    """What the worker does."""

    async def number() -> None:
        while await Sequencer(house.pool).number_all():
            pass

    return number


def place(customer: Json) -> str:
    return f"/customers/{customer['id']}"


async def audited(client: AsyncClient, customer: Json) -> list[Json]:
    asked = {"object_id": customer["id"], "type": "customer.unmasked"}
    found: list[Json] = (await client.get("/audit-records", params=asked)).json()["data"]
    return found


async def test_whoever_may_unmask_sees_one_customer_as_it_is(
    client: AsyncClient, masked: Masked, wang: Json
) -> None:
    support = await masked()
    before = await support.get(place(wang))
    assert not any(text in before.text for text in PERSONAL)
    whole = await support.post(f"{place(wang)}/unmask", json=WHY)
    assert whole.status_code == 200, whole.text
    known = await client.get(place(wang))
    assert whole.content == known.content, "the very bytes of a GET with an unmasked key"
    assert (whole.headers["etag"], whole.json()["version"]) == (known.headers["etag"], 1)
    assert all(text in whole.text for text in PERSONAL)
    after = await support.get(place(wang))
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


async def test_what_is_hidden_from_everybody_stays_hidden(
    client: AsyncClient, masked: Masked, wang: Json
) -> None:
    fields = (await client.get("/custom-fields")).json()["data"]
    hobby = next(field for field in fields if field["key"] == "hobby")
    await client.post(f"/custom-fields/{hobby['id']}/retire")
    whole = await (await masked()).post(f"{place(wang)}/unmask", json=WHY)
    assert whole.json()["custom"] == {"note": "hush"}
    past = await client.get(place(wang), params={"as_of": "2199-01-01T00:00:00Z"})
    assert past.json() == whole.json(), "of two events of one version the later counts"
    assert whole.content == (await client.get(place(wang))).content


async def test_history_audit_and_feed_tell_who_looked_and_the_audit_why(
    client: AsyncClient, masked: Masked, wang: Json, numbered: Numbered
) -> None:
    support = await masked()
    whole = await support.post(f"{place(wang)}/unmask", json=WHY)
    await numbered()
    (record,) = await audited(client, wang)
    me = (await support.get("/me")).json()
    assert (
        record.items()
        >= {
            "type": "customer.unmasked",
            "object_id": wang["id"],
            "object_version": 1,
            "actor_id": me["api_key_id"],
            "request_id": whole.headers["request-id"],
            "changes": None,
            "reason": WHY["reason"],
            "erased": False,
        }.items()
    )
    newest, created = (await client.get(f"{place(wang)}/history")).json()["data"]
    assert (newest, created["reason"]) == (record, None)
    for reader in (client, support):
        event = await reader.get(f"/events/{record['id']}")
        assert event.json()["type"] == "customer.unmasked"
        assert event.json()["data"] == (await reader.get(place(wang))).json()
        assert event.json()["changes"] is None
        assert "4711: calls" not in event.text, "whoever follows events need not read it"
    shown = (await support.get("/events", params={"type": "customer.unmasked"})).text
    assert not any(text in shown for text in PERSONAL)


async def test_each_look_is_told_and_the_customer_stays_as_it_is(
    client: AsyncClient, masked: Masked, wang: Json, numbered: Numbered, admin: "Admin[Any]"
) -> None:
    row = "SELECT c::text FROM customers c WHERE id = $1::text::uuid"
    before = await admin.fetchval(row, wang["id"][4:])
    support = await masked()
    for reason in ("one", "two"):
        await support.post(f"{place(wang)}/unmask", json={"reason": reason})
    assert await admin.fetchval(row, wang["id"][4:]) == before
    await numbered()
    assert [one["reason"] for one in await audited(client, wang)] == ["two", "one"]
    past = await client.get(place(wang), params={"as_of": wang["created_at"]})
    assert past.json() == wang
    changed = await client.patch(place(wang), json={"name": "王方"}, headers={"If-Match": '"1"'})
    assert changed.json()["version"] == 2


async def test_an_unmasked_caller_is_answered_the_same_and_is_told_of_too(
    client: AsyncClient, wang: Json, numbered: Numbered
) -> None:
    answer = await client.post(f"{place(wang)}/unmask", json=WHY)
    assert (answer.status_code, answer.json()) == (200, wang)
    await numbered()
    (record,) = await audited(client, wang)
    assert record["actor_id"] == (await client.get("/me")).json()["api_key_id"]


@pytest.mark.parametrize("missing", ["customers:unmask", "customers:read"])
async def test_who_lacks_a_right_sees_nothing_and_is_told_which(
    caller: NewClient,
    tenant: Tenant,
    masked: Masked,
    wang: Json,
    nothing_changes: Unchanged,
    missing: str,
) -> None:
    held = [scope for scope in LOOKS if scope != missing]
    for other in (await masked(*held), await caller(*held, tenant=tenant)):
        async with nothing_changes():
            for headers in ({}, DRY, {"Idempotency-Key": "x"}):
                answer = await other.post(f"{place(wang)}/unmask", json=WHY, headers=headers)
                assert refused(answer, 403, "forbidden")["missing_scope"] == [missing]


async def test_a_key_that_reads_everything_unmasks_nothing(
    caller: NewClient, tenant: Tenant, wang: Json, nothing_changes: Unchanged
) -> None:
    auditor = await caller("*:read", tenant=tenant)
    async with nothing_changes():
        refused(await auditor.post(f"{place(wang)}/unmask", json=WHY), 403, "forbidden")


async def test_who_is_not_there_or_anothers_is_not_found(
    caller: NewClient, masked: Masked, nothing_changes: Unchanged
) -> None:
    theirs = await create(await caller(), **WANG)
    support = await masked()
    async with nothing_changes():
        for id in (NOBODY, theirs["id"]):
            refused(await support.post(f"/customers/{id}/unmask", json=WHY), 404, "not-found")


async def test_an_archived_customer_is_shown_and_stays_archived(
    client: AsyncClient, masked: Masked, wang: Json
) -> None:
    archived = (await client.post(f"{place(wang)}/archive")).json()
    whole = await (await masked()).post(f"{place(wang)}/unmask", json=WHY)
    assert (whole.status_code, whole.json()) == (200, archived)


@pytest.mark.parametrize(
    "body",
    [{}, *({"reason": w} for w in (None, "", " ", "a\nb", 7, "x" * 501)), {**WHY, "mask": False}],
)
async def test_nobody_looks_without_a_reason(
    masked: Masked, wang: Json, nothing_changes: Unchanged, body: Json
) -> None:
    support = await masked()
    async with nothing_changes():
        answer = await support.post(f"{place(wang)}/unmask", json=body)
        refused(answer, 422, "validation-failed")
    longest = await support.post(f"{place(wang)}/unmask", json={"reason": "因" * 500})
    assert longest.status_code == 200


async def test_a_rehearsal_shows_no_more_than_a_get(
    client: AsyncClient, masked: Masked, wang: Json, nothing_changes: Unchanged
) -> None:
    support = await masked()
    for looks in (support, client):
        async with nothing_changes():
            rehearsed = await looks.post(f"{place(wang)}/unmask", json=WHY, headers=DRY)
        assert rehearsed.status_code == 200, rehearsed.text
        assert rehearsed.content == (await looks.get(place(wang))).content
        assert rehearsed.headers["crm-dry-run"] == "true"
        assert rehearsed.headers["crm-dry-run-events"] == "customer.unmasked"
    async with nothing_changes():
        nobody = await support.post(f"/customers/{NOBODY}/unmask", json=WHY, headers=DRY)
    refused(nobody, 404, "not-found")


async def test_a_repetition_is_for_whoever_was_answered_and_for_nobody_else(
    client: AsyncClient,
    masked: Masked,
    wang: Json,
    nothing_changes: Unchanged,
    numbered: Numbered,
) -> None:
    support, other = await masked(), await masked()
    sent = {"Idempotency-Key": str(uuid4())}
    first = await support.post(f"{place(wang)}/unmask", json=WHY, headers=sent)
    await client.patch(place(wang), json={"name": "王方"})
    async with nothing_changes():
        again = await support.post(f"{place(wang)}/unmask", json=WHY, headers=sent)
        assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
        for stranger in (other, client):
            answer = await stranger.post(f"{place(wang)}/unmask", json=WHY, headers=sent)
            refused(answer, 422, "idempotency-key-reused")
            assert not any(text in answer.text for text in PERSONAL)
    await numbered()
    (record,) = await audited(client, wang)
    assert record["reason"] == WHY["reason"]


async def test_of_two_who_come_at_once_under_one_key_one_is_shown_it(
    client: AsyncClient, masked: Masked, wang: Json, numbered: Numbered
) -> None:
    looking = [await masked(), await masked()]
    for number in range(5):
        sent = {"Idempotency-Key": f"at once {number}"}
        answers = await asyncio.gather(
            *(one.post(f"{place(wang)}/unmask", json=WHY, headers=sent) for one in looking)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]
    await numbered()
    assert len(await audited(client, wang)) == 5


async def test_a_tag_that_is_old_stops_it_and_tells_no_values(
    client: AsyncClient, masked: Masked, wang: Json, nothing_changes: Unchanged
) -> None:
    support = await masked()
    tag = (await support.get(place(wang))).headers["etag"]
    path = f"{place(wang)}/unmask"
    assert (await support.post(path, json=WHY, headers={"If-Match": tag})).status_code == 200
    points = [{"kind": "phone", "value": "+8613600136000"}]
    await client.patch(place(wang), json={"contact_points": points, "custom": {"note": "psst"}})
    async with nothing_changes():
        for headers in ({"If-Match": tag}, {"If-Match": tag, **DRY}):
            late = await support.post(path, json=WHY, headers=headers)
            problem = refused(late, 412, "precondition-failed")
            assert (problem["current_version"], problem["changed"]) == (2, None)
            assert not any(text in late.text for text in (*PERSONAL, "13600136000", "psst"))


async def test_a_reason_goes_where_the_values_go(
    client: AsyncClient, masked: Masked, wang: Json, numbered: Numbered, admin: "Admin[Any]"
) -> None:
    await (await masked()).post(f"{place(wang)}/unmask", json=WHY)
    await numbered()
    (record,) = await audited(client, wang)
    erase = "DELETE FROM event_values WHERE event_id = $1::text::uuid"
    await admin.execute(erase, record["id"][4:])
    (erased,) = await audited(client, wang)
    assert erased == {**record, "reason": None, "erased": True}
