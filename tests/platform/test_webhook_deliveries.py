"""Events on their way to endpoints: once each, signed, in time, and until they arrive."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from asyncpg import Connection as Admin
from standardwebhooks.webhooks import WebhookVerificationError

from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.webhook_deliveries.following import Following
from crm_api.platform.webhook_deliveries.rules import SCHEDULE
from crm_api.settings import Settings
from tests.receiving import Came

from .posting import Post, posting, verified

Json = dict[str, Any]


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    async with posting(settings) as made:
        yield made


async def test_an_event_is_sent_as_the_feed_shows_it_and_verifies(post: Post) -> None:
    endpoint = await post.endpoint()
    wang = await post.customer(name="王芳")
    await post.work()
    [came] = post.receiver.came
    event = verified(endpoint, came)
    assert event["type"] == "customer.created"
    assert event["data"] == wang
    assert came.headers["webhook-id"] == event["id"]
    assert came.headers["content-type"] == "application/json"
    feed = await post.client.get(f"/events/{event['id']}")
    assert feed.content == came.body
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["attempt_count"]) == ("delivered", 1)
    assert (delivery["event_id"], delivery["event_type"]) == (event["id"], "customer.created")
    [attempt] = await post.attempts(delivery)
    assert (attempt["number"], attempt["status_code"], attempt["answer"]) == (1, 200, "ok")


async def test_a_new_endpoint_begins_with_what_happens_after_it(post: Post) -> None:
    await post.customer(name="Before")
    await post.work()
    endpoint = await post.endpoint()
    await post.customer(name="After")
    await post.work()
    names = [verified(endpoint, came)["data"]["name"] for came in post.receiver.came]
    assert names == ["After"]


async def test_each_event_goes_to_each_endpoint_that_wants_it_once(post: Post) -> None:
    vip = {"kind": "condition", "field": "tags", "op": "contains", "value": "vip"}
    wanted: Json = {
        "all": {"event_types": ["*"]},
        "created": {"event_types": ["customer.created"]},
        "vip": {"filter": vip},
    }
    names = {}
    for name, said in wanted.items():
        url = f"{post.receiver.url}/{name}"
        names[f"/events/{name}"] = await post.endpoint(url=url, **said)
    for number in range(10):
        tags = ["vip"] if number % 2 else []
        made = await post.customer(name=f"Bob {number}", tags=tags)
        await post.client.patch(f"/customers/{made['id']}", json={"source": "shop"})
    await post.work()
    await post.work()
    sent = Counter(came.path for came in post.receiver.came)
    own = 2  # two more endpoints were made after the one that hears of everything
    assert sent == {"/events/all": 20 + own + 1, "/events/created": 10, "/events/vip": 10}
    ids = Counter((came.path, came.headers["webhook-id"]) for came in post.receiver.came)
    assert set(ids.values()) == {1}


async def test_what_another_worker_was_at_when_it_ended_is_handed_out_by_who_is_left(
    post: Post, admin: "Admin[Any]"
) -> None:
    endpoint = await post.endpoint()
    await post.work()
    await post.customer()
    await Sequencer(post.house.pool).number_all()
    left = Following(post.house)
    async with admin.transaction():
        await admin.execute("SELECT FROM webhook_cursors FOR UPDATE")
        assert await left.turn() == 0
    assert await left.turn() == 1
    assert len(await post.deliveries(endpoint)) == 1


async def test_thin_events_have_no_data(post: Post) -> None:
    endpoint = await post.endpoint(payload="thin")
    await post.customer(name="王芳")
    await post.work()
    [came] = post.receiver.came
    event = verified(endpoint, came)
    assert not {"data", "changes"} & event.keys()
    assert event["type"] == "customer.created"
    assert "王芳" not in came.body.decode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda came: (came.body.replace(b"Bob", b"Rob"), came.headers),
        lambda came: (came.body, {**came.headers, "webhook-id": "evt_0"}),
        lambda came: (came.body, {**came.headers, "webhook-timestamp": "1"}),
        lambda came: (
            came.body,
            {
                **came.headers,
                "webhook-timestamp": str(int(came.headers["webhook-timestamp"]) + 360),
            },
        ),
        lambda came: (
            came.body,
            {
                **came.headers,
                "webhook-timestamp": str(int(came.headers["webhook-timestamp"]) - 360),
            },
        ),
        lambda came: (
            came.body,
            {**came.headers, "webhook-signature": came.headers["webhook-signature"][3:]},
        ),
        lambda came: (
            came.body,
            {
                **came.headers,
                "webhook-signature": came.headers["webhook-signature"].replace("v1,", "v2,"),
            },
        ),
    ],
    ids=["body", "id", "old", "future", "past", "no version", "another version"],
)
async def test_what_was_altered_or_is_stale_does_not_verify(post: Post, spoil: Any) -> None:
    endpoint = await post.endpoint()
    await post.customer()
    await post.work()
    [came] = post.receiver.came
    assert verified(endpoint, came)
    body, headers = spoil(came)
    with pytest.raises((WebhookVerificationError, ValueError)):
        verified(endpoint, Came(came.path, headers, body, came.at))


async def test_both_secrets_sign_while_they_overlap_and_the_old_one_no_longer_after(
    post: Post,
) -> None:
    old = await post.endpoint()
    path = f"/webhook-endpoints/{old['id']}/rotate-secret"
    new = (await post.client.post(path, json={"overlap_seconds": 3600})).json()
    await post.customer()
    await post.work()
    assert verified(old, post.receiver.came[-1]) == verified(new, post.receiver.came[-1])
    await post.customer()
    await post.later(3601)
    assert verified(new, post.receiver.came[-1])
    with pytest.raises(WebhookVerificationError):
        verified(old, post.receiver.came[-1])


async def test_it_is_tried_ten_times_in_three_days_with_the_same_bytes_and_given_up(
    post: Post,
) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(500, b"zhubajie \0 \xff" + b"x" * 10_000)
    await post.customer()
    await post.work()
    for wait in SCHEDULE[1:]:
        [delivery] = await post.deliveries(endpoint)
        assert delivery["state"] == "retrying"
        due = datetime.fromisoformat(delivery["next_at"])
        now = (await post.client.get("/sandbox/clock")).json()["now"]
        left = (due - datetime.fromisoformat(now)).total_seconds()
        assert 0.7 * wait - 5 <= left <= max(1.2 * wait, 300)
        await post.later(int(max(left, 300)) + 1)
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["attempt_count"]) == ("dead", 10)
    assert delivery["next_at"] is None
    await post.later(100_000)
    assert len(post.receiver.came) == 10
    assert len({came.body for came in post.receiver.came}) == 1
    assert len({came.headers["webhook-id"] for came in post.receiver.came}) == 1
    attempts = await post.attempts(delivery)
    assert [one["number"] for one in attempts] == list(range(1, 11))
    assert {one["status_code"] for one in attempts} == {500}
    assert all(len(one["answer"].encode()) <= 4096 for one in attempts)
    assert attempts[0]["answer"].startswith("zhubajie \ufffd \ufffd")
