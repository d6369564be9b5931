"""The feed, as a program follows it: every event once, in order, and no more than it may see."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.customers.events import CustomerCreated, CustomerUpdated
from crm_api.features.customers.schemas import CustomerUpdate
from crm_api.features.customers.service import CustomerService
from crm_api.kit.actor import Tenant
from crm_api.kit.context import Context, House
from crm_api.kit.events import Event
from crm_api.kit.ids import first_at
from crm_api.platform.journal.schemas import EventRead
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant
from tests.features.test_customers import WANG, create, refused

from .test_custom_fields import define

Json = dict[str, Any]
Numbered = Callable[[], Awaitable[None]]
ADDRESS = {"country": "CN", "city": "上海", "line1": "南京东路 1 号", "recipient": "王芳"}


@pytest.fixture
def numbered(house: House) -> Numbered:
    """What the worker does."""

    async def number() -> None:
        while await Sequencer(house.pool).number_all():
            pass

    return number


@pytest.fixture
async def tenant(new_tenant_: NewTenant) -> Tenant:
    return await new_tenant_()


@pytest.fixture
async def client(caller: NewClient, tenant: Tenant) -> AsyncClient:
    return await caller(tenant=tenant)


async def events(client: AsyncClient, **asked: Any) -> list[Json]:
    answer = await client.get("/events", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"]
    return found


async def with_key(
    caller: NewClient, client: AsyncClient, tenant: Tenant, **key: Any
) -> AsyncClient:
    made = (await client.post("/api-keys", json={"name": "Reader", **key})).json()
    other = await caller(tenant=tenant)
    other.headers["Authorization"] = f"Bearer {made['secret']}"
    return other


async def test_an_event_is_the_record_as_a_get_shows_it_and_what_changed(
    client: AsyncClient, tenant: Tenant, numbered: Numbered
) -> None:
    made = await client.post("/customers", json=WANG)
    path = f"/customers/{made.json()['id']}"
    changed = await client.patch(path, json={"name": "王方"})
    await numbered()
    created, updated = await events(client, object_id=made.json()["id"])
    assert (created["data"], updated["data"]) == (made.json(), changed.json())
    assert (created["changes"], updated["changes"]["name"]) == (
        None,
        {"old": WANG["name"], "new": "王方"},
    )
    me = (await client.get("/me")).json()
    assert {k: v for k, v in updated.items() if k not in ("id", "data", "changes")} == {
        "object": "event",
        "type": "customer.updated",
        "schema_version": 1,
        "api_version": "v1",
        "sequence": created["sequence"] + 1,
        "created_at": changed.json()["updated_at"],
        "tenant_id": f"ten_{tenant.id.hex}",
        "business_unit_id": None,
        "object_id": made.json()["id"],
        "object_version": 2,
        "actor_id": me["api_key_id"],
        "user_id": None,
        "request_id": changed.headers["request-id"],
        "causation_id": None,
        "causation_depth": 0,
        "erased": False,
    }
    one = await client.get(f"/events/{updated['id']}")
    assert one.json() == updated
    assert EventRead.model_validate(updated).model_dump(mode="json") == updated
    assert changed.text in one.text, "the very bytes of the record"
    assert "etag" not in one.headers


async def test_what_was_deleted_is_told_as_it_last_was_and_what_was_erased_says_so(
    client: AsyncClient, numbered: Numbered, admin: "Admin[Any]"
) -> None:
    sent = {
        "name": "Login",
        "issuer": "https://8.8.8.8",
        "audience": "crm",
        "scopes": ["customers:read"],
    }
    provider = (await client.post("/identity-providers", json=sent)).json()
    assert (await client.delete(f"/identity-providers/{provider['id']}")).status_code == 204
    await numbered()
    made, deleted = await events(client, type="identity_provider.*")
    assert (deleted["data"], deleted["changes"], deleted["erased"]) == (provider, None, False)
    assert (made["data"], deleted["object_version"]) == (provider, provider["version"] + 1)
    await admin.execute(
        "DELETE FROM event_values WHERE event_id = $1::text::uuid", made["id"].removeprefix("evt_")
    )
    (erased, _) = await events(client, type="identity_provider.*")
    assert (erased["data"], erased["erased"], erased["id"]) == (None, True, made["id"])


async def test_the_feed_goes_on_after_the_last_event(
    client: AsyncClient, numbered: Numbered
) -> None:
    for name in "abcde":
        await create(client, name=name)
    await numbered()
    first = await client.get("/events", params={"limit": 2})
    assert first.json()["has_more"] is True
    followed = first.json()["data"]
    cursor = first.json()["next_cursor"]
    while cursor:
        page = (await client.get("/events", params={"limit": 2, "cursor": cursor})).json()
        followed, cursor = [*followed, *page["data"]], page["next_cursor"]
    assert followed == await events(client)
    assert [e["sequence"] for e in followed] == list(range(1, len(followed) + 1))
    for number, event in enumerate(followed):
        assert await events(client, after=event["id"]) == followed[number + 1 :]
    last = followed[-1]["id"]
    empty = await client.get("/events", params={"after": last})
    assert empty.json() == {"data": [], "has_more": False, "next_cursor": None}
    await create(client, name="f")
    assert await events(client, after=last) == [], "it has no number yet"
    await numbered()
    assert [e["data"]["name"] for e in await events(client, after=last)] == ["f"]


async def test_types_and_objects_narrow_the_feed(client: AsyncClient, numbered: Numbered) -> None:
    bob, ann = await create(client, name="Bob"), await create(client, name="Ann")
    await client.patch(f"/customers/{bob['id']}", json={"name": "Rob"})
    await client.post(f"/customers/{ann['id']}/archive")
    await numbered()

    async def types(**asked: Any) -> list[str]:
        return [event["type"].partition(".")[2] for event in await events(client, **asked)]

    created, updated, archived = "created", "updated", "archived"
    assert await types(type="customer.*") == [created, created, updated, archived]
    assert await types(type="customer.updated") == [updated]
    assert await types(type=["customer.updated", "customer.archived"]) == [updated, archived]
    assert await types(type=["customer.*", "customer.updated"], limit=3) == [
        created,
        created,
        updated,
    ]
    assert await types(object_id=bob["id"]) == [created, updated]
    assert await types(object_id=ann["id"], type="customer.archived") == [archived]
    assert await types(object_id=bob["id"].replace("cus_", "key_")) == []
    assert await types(type="view.*") == []
    listed = await client.get("/events", params={"type": "customer.*", "include": "total"})
    assert listed.json()["total"] == {"value": 4, "relation": "eq"}
    of_bob = await client.get("/events", params={"object_id": bob["id"], "include": "total"})
    assert of_bob.json()["total"] == {"value": 2, "relation": "eq"}


async def test_a_cursor_answers_its_own_question_only(
    client: AsyncClient, numbered: Numbered
) -> None:
    await create(client)
    await create(client)
    await numbered()
    page = (await client.get("/events", params={"type": "customer.*", "limit": 1})).json()
    for asked in ({}, {"type": "customer.created"}):
        answer = await client.get("/events", params={"cursor": page["next_cursor"], **asked})
        refused(answer, 400, "invalid-cursor")


async def test_whoever_may_not_read_the_records_does_not_see_their_events(
    caller: NewClient, client: AsyncClient, tenant: Tenant, numbered: Numbered
) -> None:
    bob = await create(client)
    sees = await caller("events:read", "customers:read", tenant=tenant)
    blind = await caller("events:read", tenant=tenant)
    deaf = await caller("customers:read", tenant=tenant)
    await numbered()
    everything = await events(client)
    (only,) = await events(sees)
    assert (only["type"], only["data"]) == ("customer.created", bob)
    assert await events(sees, type="customer.*") == [only]
    assert await events(sees, type="api_key.*") == []
    assert await events(sees, after=everything[0]["id"]) == [only]
    assert await events(blind) == []
    hidden = [e["id"] for e in everything if e["type"] != "customer.created"]
    for id in hidden:
        refused(await sees.get(f"/events/{id}"), 404, "not-found")
    refused(await blind.get(f"/events/{only['id']}"), 404, "not-found")
    problem = refused(await deaf.get("/events"), 403, "forbidden")
    assert problem["missing_scope"] == ["events:read"]


async def test_a_masked_key_sees_in_an_event_what_a_get_shows_it(
    caller: NewClient, client: AsyncClient, tenant: Tenant, numbered: Numbered
) -> None:
    await define(client, "salary", "number", sensitivity="secret")
    await define(client, "hobby")
    whole = await create(
        client, **WANG | {"addresses": [ADDRESS], "custom": {"salary": 9, "hobby": "go"}}
    )
    path = f"/customers/{whole['id']}"
    scopes = ["customers:read", "events:read"]
    masked = await with_key(caller, client, tenant, scopes=scopes, masked=True)
    before = (await masked.get(path)).json()
    points = [{"kind": "email", "value": "new@example.com"}]
    change = {"born_on": "1990-01-01", "contact_points": points, "custom": {"salary": 10}}
    changed = (await client.patch(path, json=change)).json()
    await numbered()
    after = await masked.get(path)
    created, updated = await events(masked, type="customer.*")
    assert (created["data"], updated["data"]) == (before, after.json())
    assert after.text in (await masked.get(f"/events/{updated['id']}")).text
    told = updated["changes"]
    assert told["born_on"] == {"old": None, "new": None}
    assert told["contact_points"] == {
        "old": before["contact_points"],
        "new": after.json()["contact_points"],
    }
    assert told["custom"] == {"old": {"hobby": "go"}, "new": {"hobby": "go"}}
    _, seen = await events(client, type="customer.*")
    assert seen["changes"]["born_on"]["new"] == "1990-01-01"
    assert seen["data"] == changed


async def test_what_is_retired_is_shown_to_nobody(client: AsyncClient, numbered: Numbered) -> None:
    field = await define(client, "shoe_size", "number")
    await define(client, "colour")
    await create(client, custom={"shoe_size": 44, "colour": "red"})
    await numbered()
    (event,) = await events(client, type="customer.*")
    assert event["data"]["custom"] == {"shoe_size": 44, "colour": "red"}
    retired = await client.post(f"/custom-fields/{field['id']}/retire")
    assert retired.status_code == 200, retired.text
    (event,) = await events(client, type="customer.*")
    assert event["data"]["custom"] == {"colour": "red"}


async def test_an_unknown_event_is_no_place_to_go_on_from(
    client: AsyncClient, caller: NewClient, numbered: Numbered
) -> None:
    await create(other := await caller())
    await numbered()
    foreign = (await events(other))[-1]["id"]
    for id in (foreign, f"evt_{'f' * 32}"):
        problem = refused(
            await client.get("/events", params={"after": id}), 422, "validation-failed"
        )
        assert [error["pointer"] for error in problem["errors"]] == ["?after"]
    refused(await client.get(f"/events/{foreign}"), 404, "not-found")


@pytest.mark.parametrize("type", ["custmer.created", "customer.greeted", "nobody.*"])
async def test_nobody_waits_for_a_type_that_there_is_not(client: AsyncClient, type: str) -> None:
    for path in ("/events", "/events/stream"):
        answer = await client.get(path, params={"type": ["customer.*", type]})
        problem = refused(answer, 422, "validation-failed")
        found = [(error["pointer"], error["code"]) for error in problem["errors"]]
        assert found == [("?type", "event_type_unknown")]


async def test_an_id_of_another_kind_is_one_mistake(client: AsyncClient) -> None:
    answer = await client.get("/events", params={"after": f"cus_{'f' * 32}"})
    (error,) = refused(answer, 422, "validation-failed")["errors"]
    assert (error["pointer"], error["code"]) == ("?after", "string_pattern_mismatch")


async def test_what_is_older_than_the_feed_has_expired(
    client: AsyncClient, numbered: Numbered, admin: "Admin[Any]", house: House
) -> None:
    await create(client)
    await create(client)
    await numbered()
    *_, first, second = await events(client)
    days = house.feed_days
    old = first_at(datetime.now(UTC) - timedelta(days=days, minutes=1))
    await admin.execute("UPDATE events SET id = $1 WHERE id = $2::text::uuid", old, first["id"][4:])
    assert (await events(client))[-1] == second
    assert first["sequence"] not in [event["sequence"] for event in await events(client)]
    expired = refused(
        await client.get("/events", params={"after": f"evt_{old.hex}"}), 410, "event-expired"
    )
    assert str(days) in expired["detail"]
    refused(await client.get(f"/events/evt_{old.hex}"), 410, "event-expired")


async def test_what_handlers_do_is_one_deeper_than_its_cause_and_a_loop_ends(
    house: House, client: AsyncClient, numbered: Numbered, admin: "Admin[Any]"
) -> None:
    async def rename(ctx: Context, event: Event) -> None:
        customer = (await CustomerService(ctx).get(event.object_id)).value
        if customer.name.startswith("x") and len(customer.name) < int(customer.title or 0):
            await CustomerService(ctx).update(
                event.object_id, CustomerUpdate(name=customer.name + "x")
            )

    handlers = [house.subscriptions._handlers[kind] for kind in (CustomerCreated, CustomerUpdated)]
    for listed in handlers:
        listed.append(rename)
    try:
        made = await create(client, name="x", title="4")
        count = await admin.fetchval("SELECT count(*) FROM events")
        sent = {"kind": "person", "name": "x", "title": "40"}
        assert (await client.post("/customers", json=sent)).status_code == 500
    finally:
        for listed in handlers:
            listed.remove(rename)
    assert await admin.fetchval("SELECT count(*) FROM events") == count, "nothing of it remains"
    await numbered()
    told = await events(client, object_id=made["id"])
    assert [event["causation_depth"] for event in told] == [0, 1, 2, 3]
    assert [event["causation_id"] for event in told] == [None, *(e["id"] for e in told[:-1])]


async def dawdle(ctx: Context, event: Event) -> None:
    """Commits a while after it has written."""
    await ctx.work.flush()
    await asyncio.sleep(random.random() / 20)


@pytest.fixture
def late(house: House) -> Iterator[None]:
    handlers = [house.subscriptions._handlers[kind] for kind in (CustomerCreated, CustomerUpdated)]
    for listed in handlers:
        listed.append(dawdle)
    yield
    for listed in handlers:
        listed.remove(dawdle)


async def write(client: AsyncClient, name: str) -> None:
    path = f"/customers/{(await create(client, name=name))['id']}"
    for number in range(4):
        await asyncio.sleep(random.random() / 50)
        answer = await client.patch(path, json={"name": f"{name} {number}"})
        assert answer.status_code == 200, answer.text


async def follow(client: AsyncClient, over: asyncio.Event) -> list[Json]:
    """Reads until nothing more comes when all is over."""
    seen: list[Json] = []
    while True:
        last = over.is_set()
        after = {"after": seen[-1]["id"]} if seen else {}
        new = await events(client, limit=3, type="customer.*", **after)
        seen += new
        if last and not new:
            return seen


def once_and_in_order(seen: list[Json]) -> dict[str, list[int]]:
    """The versions of each object, in the order of their events."""
    assert len({event["id"] for event in seen}) == len(seen)
    versions: dict[str, list[int]] = {}
    for event in seen:
        versions.setdefault(event["object_id"], []).append(event["object_version"])
    return versions


@pytest.mark.usefixtures("late")
async def test_ten_who_commit_late_and_out_of_order_are_each_read_once_and_in_order(
    house: House, client: AsyncClient
) -> None:
    written, over = asyncio.Event(), asyncio.Event()

    async def number() -> None:
        done = 1
        while done or not written.is_set():
            done = await Sequencer(house.pool).number_all()
        over.set()

    working = asyncio.gather(follow(client, over), number())
    await asyncio.gather(*(write(client, f"Writer {n}") for n in range(10)))
    written.set()
    seen, _ = await working
    assert list(once_and_in_order(seen).values()) == 10 * [[1, 2, 3, 4, 5]]
