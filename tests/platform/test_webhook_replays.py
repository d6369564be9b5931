"""Deliveries that somebody looks at, sends once more, or has a job send once more."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg import Connection as Admin
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from crm_api.platform.webhook_deliveries.forgetting import ForgettingDeliveries
from crm_api.settings import Settings
from tests.conftest import Unchanged
from tests.features.test_filters_agree import TREES, people

from .posting import Post, posting, verified

Json = dict[str, Any]
HOUR, DAY = 3600, 86_400


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    async with posting(settings) as made:
        yield made


async def now(post: Post) -> str:
    clock: Json = (await post.client.get("/sandbox/clock")).json()
    told: str = clock["now"]
    return told


async def replayed(post: Post, endpoint: Json, **asked: Any) -> Json:
    path = f"/webhook-endpoints/{endpoint['id']}/replay"
    started = await post.client.post(path, json=asked)
    assert started.status_code == 202, started.text
    await post.work()
    job: Json = (await post.client.get(started.headers["location"].removeprefix("/v1"))).json()
    return job


async def test_deliveries_are_listed_by_state_type_and_time(post: Post) -> None:
    endpoint = await post.endpoint()
    made = await post.customer()
    await post.work()
    begun = await now(post)
    post.receiver.answers(500)
    await post.client.patch(f"/customers/{made['id']}", json={"name": "Rob"})
    await post.work()
    everything = await post.deliveries(endpoint)
    assert [one["event_type"] for one in everything] == ["customer.updated", "customer.created"]
    for asked, found in (
        ({"state": "delivered"}, "customer.created"),
        ({"state": ["retrying", "dead"]}, "customer.updated"),
        ({"event_type": "customer.created"}, "customer.created"),
        ({"created_at__gte": begun}, "customer.updated"),
        ({"created_at__lt": begun}, "customer.created"),
    ):
        listed = await post.deliveries(endpoint, **asked)
        assert [one["event_type"] for one in listed] == [found], asked
    path = f"/webhook-endpoints/{endpoint['id']}/deliveries"
    first = await post.client.get(path, params={"limit": 1, "include": "total"})
    assert first.json()["total"]["value"] == 2
    rest = await post.client.get(path, params={"limit": 1, "cursor": first.json()["next_cursor"]})
    assert [first.json()["data"], rest.json()["data"]] == [everything[:1], everything[1:]]


async def test_a_delivery_belongs_to_its_endpoint(post: Post, nothing_changes: Unchanged) -> None:
    endpoint, other = await post.endpoint(), await post.endpoint()
    await post.customer()
    await post.work()
    [mine], [theirs] = await post.deliveries(endpoint), await post.deliveries(other)
    assert mine["event_id"] == theirs["event_id"]
    path = f"/webhook-endpoints/{endpoint['id']}/deliveries/{theirs['id']}"
    async with nothing_changes():
        assert (await post.client.get(path)).status_code == 404
        assert (await post.client.post(f"{path}/retry")).status_code == 404


async def test_what_was_delivered_or_given_up_is_sent_once_more_with_the_same_id_and_bytes(
    post: Post,
) -> None:
    endpoint = await post.endpoint()
    await post.customer()
    await post.work()
    [delivery] = await post.deliveries(endpoint)
    path = f"/webhook-endpoints/{endpoint['id']}/deliveries/{delivery['id']}"
    again = await post.client.post(f"{path}/retry", headers={"If-Match": '"1"'})
    assert again.status_code == 412
    again = await post.client.post(f"{path}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "pending")
    await post.work()
    first, second = post.receiver.came
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    read = (await post.client.get(path)).json()
    assert (read["state"], read["attempt_count"]) == ("delivered", 2)
    assert [one["number"] for one in read["attempts"]] == [1, 2]
    assert read["event_id"] == delivery["event_id"]


async def test_nothing_is_sent_once_more_to_an_endpoint_that_is_disabled(
    post: Post, nothing_changes: Unchanged
) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(410)
    await post.customer()
    await post.work()
    [delivery] = await post.deliveries(endpoint)
    path = f"/webhook-endpoints/{endpoint['id']}"
    async with nothing_changes():
        retried = await post.client.post(f"{path}/deliveries/{delivery['id']}/retry")
        replayed = await post.client.post(f"{path}/replay", json={"from": await now(post)})
    assert (retried.status_code, replayed.status_code) == (409, 409)


async def test_what_was_missed_in_an_outage_is_replayed_and_nothing_else(post: Post) -> None:
    endpoint = await post.endpoint()
    await post.customer(name="Before")
    await post.work()
    begun = await now(post)
    post.receiver.answers(500)
    lost = {(await post.customer(name=f"Lost {number}"))["id"] for number in range(3)}
    for _ in range(20):
        await post.later(DAY // 2)
        enabled = await post.client.post(f"/webhook-endpoints/{endpoint['id']}/enable")
        assert enabled.status_code == 200
    assert {one["state"] for one in await post.deliveries(endpoint)} == {"dead", "delivered"}
    post.receiver.answers(200)
    came = len(post.receiver.came)
    job = await replayed(post, endpoint, **{"from": begun})
    assert (job["state"], job["figures"]) == ("succeeded", {"deliveries": 3})
    events = [verified(endpoint, one) for one in post.receiver.came[came:]]
    assert {event["object_id"] for event in events} == lost
    assert {one["state"] for one in await post.deliveries(endpoint)} == {"delivered"}


async def test_all_events_of_a_time_are_replayed_each_once_with_their_ids(post: Post) -> None:
    await post.customer(name="Before")
    await post.work()
    begun = await now(post)
    made = [await post.customer(name=f"Early {number}") for number in range(250)]
    await post.work()
    endpoint = await post.endpoint()
    await post.customer(name="Later")
    await post.work()
    assert len(post.receiver.came) == 1
    job = await replayed(post, endpoint, **{"from": begun, "only": "all"})
    assert (job["state"], job["figures"]) == ("succeeded", {"deliveries": 251})
    events = [verified(endpoint, one) for one in post.receiver.came]
    sent = Counter(event["data"]["name"] for event in events)
    assert sent == {"Later": 2, **{one["name"]: 1 for one in made}}
    listed = await post.deliveries(endpoint, include="total", limit=200)
    assert len({one["event_id"] for one in listed}) == len(listed) == 200
    job = await replayed(
        post, endpoint, **{"from": begun, "only": "all", "types": ["customer.updated"]}
    )
    assert job["figures"] in ({"deliveries": 0}, {})


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from": "2020-01-01T00:00:00Z"}, "/from"),
        ({"from": "2190-01-01T00:00:00Z", "to": "2190-01-01T00:00:00Z"}, "/to"),
        ({"from": "2190-01-01T00:00:00Z", "types": ["zhubajie.*"]}, "/types/0"),
    ],
)
async def test_a_time_of_which_nothing_is_kept_is_refused(
    post: Post, nothing_changes: Unchanged, asked: Json, pointer: str
) -> None:
    endpoint = await post.endpoint()
    async with nothing_changes():
        path = f"/webhook-endpoints/{endpoint['id']}/replay"
        refused = await post.client.post(path, json=asked)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_deliveries_are_forgotten_after_a_month_with_their_attempts(
    post: Post, admin: "Admin[Any]"
) -> None:
    endpoint = await post.endpoint()
    for _ in range(3):
        await post.customer()
    await post.work()
    old, _, recent = await post.deliveries(endpoint)
    aged = "UPDATE webhook_deliveries SET created_at = now() - interval '31 days' WHERE id = $1"
    await admin.execute(aged, old["id"][4:])
    assert await ForgettingDeliveries(post.house).turn() >= 1
    left = [one["id"] for one in await post.deliveries(endpoint)]
    assert old["id"] not in left
    assert recent["id"] in left
    attempts = "SELECT count(*) FROM webhook_attempts WHERE delivery_id = $1"
    assert await admin.fetchval(attempts, old["id"][4:]) == 0
    assert await admin.fetchval(attempts, recent["id"][4:]) == 1


@hypothesis_settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES.filter(lambda tree: "parent" not in str(tree) and "custom" not in str(tree)))
async def test_a_filter_of_an_endpoint_finds_what_a_search_finds(post: Post, tree: Json) -> None:
    """Random filters over customers with all that goes wrong."""
    endpoint = await post.endpoint(event_types=["customer.created"], filter=tree)
    begun = len(post.receiver.came)
    dice = random.Random(str(tree))
    for person in people(dice)[::4]:
        made = await post.client.post("/customers", json={**person, "custom": {}})
        assert made.status_code == 201, made.text
    await post.work()
    sent = {verified(endpoint, came)["object_id"] for came in post.receiver.came[begun:]}
    listed = await post.client.get("/customers", params={"limit": 12})
    asked = {"filter": tree, "limit": 200}
    found = (await post.client.post("/customers/search", json=asked)).json()["data"]
    new = {one["id"] for one in listed.json()["data"]}
    assert sent == {one["id"] for one in found} & new
    gone = await post.client.delete(f"/webhook-endpoints/{endpoint['id']}")
    assert gone.status_code == 204
