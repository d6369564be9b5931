"""What happened, as a caller meets it: audit records, a record's history, a record as it was."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.paging import page
from crm_api.kit.projection import one_of
from crm_api.platform.audit.repository import PAST
from crm_api.platform.audit.schemas import AuditQuery, AuditRecordRead
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant
from tests.features.test_customers import create, refused

Numbered = Callable[[], Awaitable[None]]
NOBODY = "0" * 32


@pytest.fixture
def numbered(house: House) -> Numbered:
    """What the worker does."""

    async def number() -> None:
        while await Sequencer(house.pool).number_all():
            pass

    return number


async def records(client: AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await client.get("/audit-records", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def renamed(client: AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """A customer before and after a change."""
    before = await create(client)
    after = await client.patch(f"/customers/{before['id']}", json={"name": "Rob"})
    return before, after.json()


def instant(record: dict[str, Any], name: str = "updated_at") -> datetime:
    return datetime.fromisoformat(record[name])


async def erase(admin: "Admin[Any]", record: dict[str, Any], version: int) -> None:
    await admin.execute(
        "DELETE FROM event_values v USING events e WHERE e.tenant_id = v.tenant_id AND "
        "e.id = v.event_id AND e.object_id = $1::text::uuid AND e.version = $2",
        record["id"][4:],
        version,
    )


async def test_a_change_is_told_with_who_made_it_and_what_it_changed(
    caller: NewClient, new_tenant_: Callable[[], Awaitable[Tenant]], numbered: Numbered
) -> None:
    client = await caller(tenant=await new_tenant_())
    made = await client.post("/customers", json={"kind": "person", "name": "Bob"})
    path = f"/customers/{made.json()['id']}"
    changed = await client.patch(path, json={"name": "Rob"})
    await numbered()
    last, first, *_ = await records(client)
    me = (await client.get("/me")).json()
    assert [last["type"], first["type"]] == ["customer.updated", "customer.created"]
    assert last["object"] == "audit_record"
    assert last["id"].startswith("evt_")
    assert last["object_id"] == first["object_id"] == made.json()["id"]
    assert (last["object_version"], first["object_version"]) == (2, 1)
    assert last["sequence"] == first["sequence"] + 1
    assert last["actor_id"] == me["api_key_id"]
    assert last["request_id"] == changed.headers["request-id"]
    assert last["created_at"] == changed.json()["updated_at"]
    assert last["changes"]["name"] == {"old": "Bob", "new": "Rob"}
    assert (first["changes"], first["causation_id"], last["erased"]) == (None, None, False)
    assert last["hash"] != first["hash"]


async def test_a_record_is_what_the_schema_says_and_is_read_alone_as_in_the_list(
    client: AsyncClient, numbered: Numbered
) -> None:
    await renamed(client)
    await numbered()
    for listed in await records(client):
        read = AuditRecordRead.model_validate(listed)
        assert read.model_dump(mode="json") == listed
        alone = await client.get(f"/audit-records/{listed['id']}")
        assert (alone.status_code, alone.json()) == (200, listed)
        assert "etag" not in alone.headers


async def test_a_record_that_is_not_there_is_a_404(client: AsyncClient) -> None:
    for id in (f"evt_{NOBODY}", f"cus_{NOBODY}", NOBODY):
        refused(await client.get(f"/audit-records/{id}"), 404, "not-found")


async def test_a_command_on_the_server_is_told_too(client: AsyncClient, numbered: Numbered) -> None:
    await numbered()
    (first,) = await records(client, type="tenant.created")
    assert first["actor_id"] == f"key_{NOBODY}"
    assert first["request_id"].startswith("cmd_")
    assert first["object_id"].startswith("ten_")


async def test_only_what_has_its_number_is_listed(client: AsyncClient, numbered: Numbered) -> None:
    await numbered()
    before = await records(client)
    made = await create(client)
    assert await records(client) == before
    assert (await client.get(f"/customers/{made['id']}/history")).json()["data"] == []
    await numbered()
    assert [r["object_id"] for r in await records(client)][:1] == [made["id"]]


async def test_pages_go_on_where_the_one_before_ended(
    client: AsyncClient, numbered: Numbered
) -> None:
    for _ in range(5):
        await create(client)
    await numbered()
    for sort in ("-sequence", "sequence"):
        path, seen = f"/audit-records?limit=3&sort={sort}", []
        while path:
            page = await client.get(path)
            seen += [record["sequence"] for record in page.json()["data"]]
            link = page.headers.get("link", "")
            path = link.partition(">")[0].removeprefix("</v1")
        assert seen == sorted(seen, reverse=sort == "-sequence")
        assert set(seen) == set(range(1, len(seen) + 1))
        assert len(seen) > 5


async def test_filters_choose(client: AsyncClient, caller: NewClient, numbered: Numbered) -> None:
    before, after = await renamed(client)
    key = (await client.post("/api-keys", json={"name": "B", "scopes": ["*"]})).json()
    second = {"authorization": f"Bearer {key['secret']}"}
    await client.patch("/tenant", json={"name": "Moon"}, headers=second)
    await numbered()
    for asked, types in (
        ({"object_id": before["id"]}, ["customer.updated", "customer.created"]),
        ({"object_id": key["id"]}, ["api_key.created"]),
        ({"object_id": "key" + before["id"][3:]}, []),
        ({"object_id": "xyz" + before["id"][3:]}, []),
        ({"type": "customer.created"}, ["customer.created"]),
        (
            {"type": ["customer.created", "tenant.updated"]},
            ["tenant.updated", "customer.created"],
        ),
        ({"type": "customer.exploded"}, []),
        ({"actor_id": key["id"]}, ["tenant.updated"]),
        ({"object_id": before["id"], "created_at__gte": after["updated_at"]}, ["customer.updated"]),
        ({"object_id": before["id"], "created_at__lt": before["created_at"]}, []),
    ):
        assert [r["type"] for r in await records(client, **asked)] == types, asked


# A month that is still empty is read whole, once it is known to be empty.
ANALYZE = """
DO $$ DECLARE month regclass; BEGIN
  FOR month IN SELECT inhrelid FROM pg_inherits JOIN pg_class p ON p.oid = inhparent
               WHERE p.relname IN ('events', 'event_values') AND pg_relation_size(inhrelid) > 0 LOOP
    EXECUTE format('ANALYZE %s', month);
  END LOOP;
END $$"""
PLANS = {
    "one": one_of(AuditRecordRead).sql,
    "of a record, as it was": PAST.sql,
    **{
        f"{'later' if later else 'first'} by {name or 'number'}": page(
            AuditRecordRead, AuditQuery, ((name, many),) if name else (), ("-sequence",), later
        ).sql
        for name, many, later in (
            ("", False, False),
            ("", False, True),
            ("object_id", False, False),
            ("type", True, True),
            ("actor_id", False, True),
            ("user_id", False, True),
            ("user_id", True, True),
            ("created_at__gte", False, False),
        )
    },
}


@pytest.fixture(scope="module")
async def many_events(admin: "Admin[Any]") -> None:
    await admin.execute(
        "INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, request_id, "
        "created_at, sequence) SELECT md5((n % 20)::text)::uuid, "
        "(substr(journal_first_id(now()::timestamp)::text, 1, 13) || '-7' || "
        "substr(gen_random_uuid()::text, 16))::uuid, "
        "'customer.updated', gen_random_uuid(), 1, md5((n % 7)::text)::uuid, 'req', "
        "now() + n * interval '1 s', n FROM generate_series(1, 20000) n; "
        "INSERT INTO event_values (tenant_id, event_id, data) SELECT tenant_id, id, '{}' "
        "FROM events ON CONFLICT DO NOTHING;" + ANALYZE
    )


@pytest.mark.parametrize("name", PLANS)
async def test_whatever_is_asked_an_index_finds_it(
    name: str, house: House, many_events: None
) -> None:
    """Under row level security, with the generic plan that the app's role is given; values are
    looked up for the page, and not for the tenant."""
    async with house.pool.line() as line:
        sql = PLANS[name]
        await line.driver.execute(f"PREPARE asked AS {sql}")
        nulls = ", ".join("NULL" for _ in set(re.findall(r"[$][0-9]+", sql)))
        rows = await line.driver.fetch(f"EXPLAIN (COSTS OFF) EXECUTE asked({nulls})")
        await line.driver.execute("DEALLOCATE asked")
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan, plan
    assert "Hash" not in plan, plan
    assert "Index" in plan, plan


async def test_a_key_needs_the_scope(caller: NewClient, new_tenant_: Any) -> None:
    tenant = await new_tenant_()
    made = await create(await caller(tenant=tenant))
    reader = await caller("customers:read", tenant=tenant)
    auditor = await caller("audit:read", tenant=tenant)
    history = f"/customers/{made['id']}/history"
    problem = refused(await reader.get("/audit-records"), 403, "forbidden")
    assert problem["missing_scope"] == ["audit:read"]
    refused(await reader.get(f"/audit-records/evt_{NOBODY}"), 403, "forbidden")
    refused(await auditor.get(history), 403, "forbidden")
    assert (await reader.get(history)).status_code == 200
    assert (await auditor.get("/audit-records")).status_code == 200


async def test_the_history_of_a_record_is_its_audit_records(
    client: AsyncClient, numbered: Numbered
) -> None:
    before, _ = await renamed(client)
    await create(client)
    await client.post(f"/customers/{before['id']}/archive")
    await numbered()
    history = (await client.get(f"/customers/{before['id']}/history")).json()
    assert history["data"] == await records(client, object_id=before["id"])
    assert [r["type"].partition(".")[2] for r in history["data"]] == [
        "archived",
        "updated",
        "created",
    ]
    first = await client.get(f"/customers/{before['id']}/history", params={"limit": 1})
    cursor = first.json()["next_cursor"]
    rest = await client.get(f"/customers/{before['id']}/history", params={"cursor": cursor})
    assert first.json()["data"] + rest.json()["data"] == history["data"]


async def test_a_record_that_never_was_has_no_history(client: AsyncClient) -> None:
    me = (await client.get("/me")).json()
    for id in (NOBODY, me["api_key_id"][4:], me["tenant"]["id"][4:]):
        refused(await client.get(f"/customers/cus_{id}/history"), 404, "not-found")


async def test_erased_values_leave_the_record_that_something_happened(
    client: AsyncClient, admin: "Admin[Any]", numbered: Numbered
) -> None:
    before, _ = await renamed(client)
    await numbered()
    kept = await records(client, object_id=before["id"])
    await erase(admin, before, version=2)
    last, first = await records(client, object_id=before["id"])
    assert last == kept[0] | {"changes": None, "erased": True}
    assert first == kept[1]


async def test_a_record_is_shown_as_it_was(client: AsyncClient) -> None:
    made = await client.post("/customers", json={"kind": "person", "name": "Bob", "tags": ["a"]})
    path = f"/customers/{made.json()['id']}"
    await asyncio.sleep(0.01)
    changed = await client.patch(path, json={"name": "Rob"})
    then, now = made.json()["updated_at"], changed.json()["updated_at"]
    for as_of, content, tag in (
        (then, made.content, '"1-as-of"'),
        (now, changed.content, '"2-as-of"'),
        ("2199-01-01T00:00:00Z", changed.content, '"2-as-of"'),
        (quote("2199-01-01T00:00:00+08:00"), changed.content, '"2-as-of"'),
    ):
        shown = await client.get(f"{path}?as_of={as_of}")
        assert (shown.status_code, shown.content) == (200, content)
        assert shown.headers["etag"] == tag
    assert (await client.get(path)).headers["etag"] == '"2"'
    same = await client.get(f"{path}?as_of={then}", headers={"if-none-match": '"1-as-of"'})
    assert same.status_code == 304


async def test_the_tag_of_what_was_does_not_change_what_is(client: AsyncClient) -> None:
    before, _ = await renamed(client)
    path = f"/customers/{before['id']}"
    late = await client.patch(path, json={"name": "Eve"}, headers={"if-match": '"1-as-of"'})
    refused(late, 412, "precondition-failed")
    assert (await client.get(path)).json()["name"] == "Rob"


async def test_before_it_was_there_a_record_is_not_found(client: AsyncClient) -> None:
    made = await create(client)
    before = instant(made, "created_at") - timedelta(milliseconds=1)
    asked = {"as_of": before.isoformat()}
    problem = refused(await client.get(f"/customers/{made['id']}", params=asked), 404, "not-found")
    assert "at that time" in problem["detail"]
    refused(await client.get(f"/customers/cus_{NOBODY}", params=asked), 404, "not-found")


async def test_what_was_erased_is_gone_and_that_is_said(
    client: AsyncClient, admin: "Admin[Any]"
) -> None:
    before = await create(client)
    await asyncio.sleep(0.01)
    path = f"/customers/{before['id']}"
    after = await client.patch(path, json={"name": "Rob"})
    await erase(admin, before, version=1)
    gone = await client.get(path, params={"as_of": before["updated_at"]})
    refused(gone, 410, "gone")
    kept = await client.get(path, params={"as_of": after.json()["updated_at"]})
    assert kept.content == after.content


@pytest.mark.parametrize("as_of", ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "0"])
async def test_a_time_needs_its_offset(client: AsyncClient, as_of: str) -> None:
    made = await create(client)
    answer = await client.get(f"/customers/{made['id']}", params={"as_of": as_of})
    problem = refused(answer, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "?as_of"


async def test_the_past_stands_alone(client: AsyncClient) -> None:
    bob = await create(client)
    asked = {"as_of": bob["created_at"], "expand": "parent"}
    wrong = refused(
        await client.get(f"/customers/{bob['id']}", params=asked), 422, "validation-failed"
    )
    assert [error["code"] for error in wrong["errors"]] == ["expand_in_the_past"]


async def test_a_masked_key_reads_no_history(caller: NewClient, new_tenant_: NewTenant) -> None:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    bob = await create(client)
    sent = {"name": "k", "scopes": ["customers:read", "audit:read"], "masked": True}
    secret = (await client.post("/api-keys", json=sent)).json()["secret"]
    masked = await caller(tenant=tenant)
    masked.headers["Authorization"] = f"Bearer {secret}"
    place = f"/customers/{bob['id']}"
    for path in ("/audit-records", f"{place}/history", f"{place}?as_of=2099-01-01T00:00:00Z"):
        refused(await masked.get(path), 403, "forbidden")
    assert (await masked.get(place)).status_code == 200
