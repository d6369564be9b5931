"""Receivers that fail, hang, refuse or are gone, and endpoints that change meanwhile."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from asyncpg import Connection as Admin
from fastapi import FastAPI

from crm_api.kit.crew import go_on
from crm_api.kit.metrics import Metrics
from crm_api.platform.webhook_deliveries import delivering
from crm_api.platform.webhook_deliveries.writing import ABREAST
from crm_api.platform.webhook_endpoints.rules import DEGRADED_AFTER
from crm_api.settings import Settings
from crm_api.worker import duties
from tests.receiving import OK, Came, answer, receiver
from tests.serving import client_of

from .posting import Post, posting, verified

Json = dict[str, Any]
HOUR, DAY = 3600, 86_400


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    async with posting(settings) as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "SECONDS", 0.2)


async def seconds_left(post: Post, delivery: Json) -> float:
    now = (await post.client.get("/sandbox/clock")).json()["now"]
    due = datetime.fromisoformat(delivery["next_at"])
    return (due - datetime.fromisoformat(now)).total_seconds()


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500, 100])
async def test_only_2xx_is_success_and_no_redirect_is_followed(post: Post, status: int) -> None:
    async with receiver() as inside:
        post.receiver.answers(status, b"", {"Location": inside.url})
        endpoint = await post.endpoint()
        await post.customer()
        if status == 100:  # an answer that goes on, and never does
            post.receiver.decides = lambda _: b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 x\r\n\r\n"
        await post.work()
        assert inside.came == []
    [delivery] = await post.deliveries(endpoint)
    assert delivery["state"] == "retrying"
    assert delivery["status_code"] == (status if status != 100 else None)


async def test_an_endpoint_that_says_it_is_gone_is_disabled_and_what_waits_is_paused(
    post: Post,
) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(410)
    await post.customer()
    await post.work()
    read = await post.read(endpoint)
    assert (read["state"], read["disabled_reason"]) == ("disabled", "gone")
    [delivery] = await post.deliveries(endpoint)
    assert delivery["state"] == "paused"
    post.receiver.answers(204)
    await post.customer()
    await post.later(DAY)
    assert len(post.receiver.came) == 1
    enabled = await post.client.post(f"/webhook-endpoints/{endpoint['id']}/enable")
    assert enabled.json()["state"] == "active"
    await post.work()
    assert [one["state"] for one in await post.deliveries(endpoint)] == ["delivered"]
    told = await post.client.get("/events", params={"type": "webhook_endpoint.*"})
    types = [event["type"] for event in told.json()["data"]]
    assert types[-2:] == ["webhook_endpoint.disabled", "webhook_endpoint.enabled"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("said", "least", "most"), [("7200", 7100, 7300), ("999999999", 86_000, 86_500)]
)
async def test_an_endpoint_that_asks_for_time_is_given_a_day_at_most(
    post: Post, status: int, said: str, least: int, most: int
) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(status, b"", {"Retry-After": said})
    await post.customer()
    await post.work()
    post.receiver.answers(200)
    await post.customer()
    await post.work()
    assert len(post.receiver.came) == 1
    for delivery in await post.deliveries(endpoint):
        assert least <= await seconds_left(post, delivery) <= most
    await post.later(most)
    assert len(post.receiver.came) == 3


async def test_a_date_after_which_to_come_again_is_understood_and_nonsense_is_not(
    post: Post,
) -> None:
    endpoint = await post.endpoint()
    later = datetime.now(UTC) + timedelta(hours=3)
    post.receiver.answers(503, b"", {"Retry-After": format_datetime(later, usegmt=True)})
    await post.customer()
    await post.work()
    [delivery] = await post.deliveries(endpoint)
    assert 10_700 <= await seconds_left(post, delivery) <= 10_900
    post.receiver.answers(503, b"", {"Retry-After": "-1 zhubajie"})
    await post.later(11_000)
    [delivery] = await post.deliveries(endpoint)
    assert delivery["attempt_count"] == 2
    assert await seconds_left(post, delivery) < 400


@pytest.mark.parametrize(
    "said",
    [
        "Mon, 01 Jan 99999999999999 00:00:00 GMT",
        "Mon, 99999999999999999999 Jan 2026 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    ],
)
async def test_a_date_that_is_none_spoils_no_delivery_of_others(post: Post, said: str) -> None:
    endpoint, other = await post.endpoint(), await post.endpoint(url=post.receiver.url + "/other")
    throttled = answer(503, b"", {"Retry-After": said})
    post.receiver.decides = lambda came: OK if came.path.endswith("/other") else throttled
    await post.customer()
    await post.work()
    [retried], [delivered] = await post.deliveries(endpoint), await post.deliveries(other)
    assert (retried["state"], retried["attempt_count"]) == ("retrying", 1)
    assert (delivered["state"], delivered["attempt_count"]) == ("delivered", 1)


async def test_who_hangs_is_not_waited_for_and_tried_again(post: Post, impatient: None) -> None:
    endpoint = await post.endpoint()
    post.receiver.pause = 30
    await post.customer()
    await post.work()
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["error"]) == ("retrying", "timeout")
    post.receiver.pause = 0
    await post.later(10)
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["attempt_count"]) == ("delivered", 2)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (None, "no_answer"),
        (b"zhubajie\r\n\r\n", "no_answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"x" * 200_000 + b"\r\n\r\n", "no_answer"),
    ],
)
async def test_who_does_not_speak_http_has_not_answered(
    post: Post, said: bytes | None, error: str
) -> None:
    endpoint = await post.endpoint()
    post.receiver.decides = lambda _: said
    await post.customer()
    await post.work()
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["error"]) == ("retrying", error)


async def test_an_answer_that_drips_is_an_answer_and_no_more_of_it_is_read_than_is_shown(
    post: Post,
) -> None:
    endpoint = await post.endpoint()
    post.receiver.decides = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nbegun"
    await post.customer()
    await post.work()
    [delivery] = await post.deliveries(endpoint)
    [attempt] = await post.attempts(delivery)
    assert (delivery["state"], attempt["answer"]) == ("delivered", "begun")


async def test_nobody_listens(post: Post) -> None:
    async with receiver() as gone:
        port = gone.port
    async with posting(post.app.state.settings, egress_allow=f"127.0.0.1:{port}") as other:
        other.receiver.port = port
        endpoint = await other.endpoint()
        await other.customer()
        await other.work()
        [delivery] = await other.deliveries(endpoint)
    assert (delivery["state"], delivery["error"]) == ("retrying", "no_connection")


async def test_an_endpoint_that_fails_is_degraded_probed_one_by_one_and_recovers(
    post: Post,
) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(500)
    for _ in range(DEGRADED_AFTER + 15):
        await post.customer()
    await post.work()
    assert (await post.read(endpoint))["state"] == "degraded"
    begun = len(post.receiver.came)
    assert begun < DEGRADED_AFTER + 4
    for probes in (1, 2, 3):
        await post.later(301)
        assert len(post.receiver.came) == begun + probes
    post.receiver.answers(200)
    await post.later(301)
    read = await post.read(endpoint)
    assert (read["state"], read["disabled_reason"]) == ("active", None)
    await post.later(10 * HOUR)
    states = [one["state"] for one in await post.deliveries(endpoint)]
    assert states == ["delivered"] * (DEGRADED_AFTER + 15)
    told = await post.client.get("/events", params={"type": "webhook_endpoint.*"})
    types = [event["type"].partition(".")[2] for event in told.json()["data"]]
    assert types == ["created", "degraded", "recovered"]


async def test_five_days_of_nothing_but_failures_disable_an_endpoint(post: Post) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(500)
    for _ in range(6):
        await post.customer()
        await post.later(DAY)
    read = await post.read(endpoint)
    assert (read["state"], read["disabled_reason"]) == ("disabled", "failing")
    assert {one["state"] for one in await post.deliveries(endpoint)} <= {"paused", "dead"}
    came = len(post.receiver.came)
    await post.later(DAY)
    assert len(post.receiver.came) == came


async def test_one_success_in_five_days_keeps_an_endpoint(post: Post) -> None:
    endpoint = await post.endpoint()
    for day in range(7):
        post.receiver.answers(200 if day == 3 else 500)
        await post.customer()
        await post.later(DAY)
    assert (await post.read(endpoint))["state"] != "disabled"


async def test_what_waits_goes_to_the_new_url_which_is_judged_again(
    post: Post, admin: "Admin[Any]"
) -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(500)
    await post.customer()
    await post.work()
    moved = f"{post.receiver.url}/moved"
    await post.client.patch(f"/webhook-endpoints/{endpoint['id']}", json={"url": moved})
    await post.later(10)
    assert [came.path for came in post.receiver.came] == ["/events", "/events/moved"]
    async with receiver() as closed:
        kept = "UPDATE webhook_endpoints SET url = $1"
        await admin.execute(kept, closed.url)
        await post.later(HOUR)
        assert (closed.came, closed.connections) == ([], 0)
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["error"]) == ("blocked", "url_not_allowed")
    [*_, last] = await post.attempts(delivery)
    assert (last["status_code"], last["latency_ms"], last["answer"]) == (None, 0, "")


async def test_a_deleted_endpoint_is_sent_nothing_any_more(post: Post, admin: "Admin[Any]") -> None:
    endpoint = await post.endpoint()
    post.receiver.answers(500)
    await post.customer()
    await post.work()
    gone = await post.client.delete(f"/webhook-endpoints/{endpoint['id']}")
    assert gone.status_code == 204
    await post.later(HOUR)
    assert len(post.receiver.came) == 1
    states = "SELECT state FROM webhook_deliveries WHERE endpoint_id = $1::text::uuid"
    assert [row["state"] for row in await admin.fetch(states, endpoint["id"][4:])] == ["cancelled"]
    missing = await post.client.get(f"/webhook-endpoints/{endpoint['id']}/deliveries")
    assert missing.status_code == 404


async def test_nothing_is_sent_with_the_rights_of_a_key_that_was_revoked(
    post: Post, app: FastAPI
) -> None:
    scopes = ["webhook_endpoints:write", "webhook_endpoints:read", "customers:read"]
    made = await post.client.post("/api-keys", json={"name": "ERP", "scopes": scopes})
    async with client_of(post.app, made.json()["secret"]) as narrow:
        asked = {"url": post.receiver.url, "event_types": ["customer.*"]}
        endpoint = (await narrow.post("/webhook-endpoints", json=asked)).json()
    post.receiver.answers(500)
    await post.customer()
    await post.work()
    await post.client.delete(f"/api-keys/{made.json()['id']}")
    assert [one["state"] for one in await post.deliveries(endpoint)] == ["paused"]
    await post.customer()
    await post.later(HOUR)
    assert len(post.receiver.came) == 1
    await post.client.post(f"/webhook-endpoints/{endpoint['id']}/enable")
    post.receiver.answers(200)
    await post.work()
    assert [one["state"] for one in await post.deliveries(endpoint)] == ["delivered"]


async def test_an_endpoint_ends_with_the_key_that_made_it(post: Post) -> None:
    clock = (await post.client.get("/sandbox/clock")).json()["now"]
    end = datetime.fromisoformat(clock) + timedelta(days=1)
    asked = {"name": "Today", "scopes": ["*"], "expires_at": end.isoformat()}
    made = await post.client.post("/api-keys", json=asked)
    async with client_of(post.app, made.json()["secret"]) as today:
        asked = {"url": post.receiver.url, "event_types": ["customer.*"]}
        endpoint = (await today.post("/webhook-endpoints", json=asked)).json()
    await post.customer()
    await post.work()
    assert len(post.receiver.came) == 1
    await post.later(DAY)
    await post.customer()
    await post.work()
    assert len(post.receiver.came) == 1
    read = await post.read(endpoint)
    assert (read["state"], read["disabled_reason"]) == ("disabled", "key_revoked")


async def test_a_body_is_made_again_only_where_less_may_be_seen_than_before(post: Post) -> None:
    field = {"resource": "customer", "key": "zodiac", "kind": "text", "labels": {"en": "Zodiac"}}
    defined = (await post.client.post("/custom-fields", json=field)).json()
    endpoint = await post.endpoint()
    post.receiver.answers(500)
    points = [{"kind": "email", "value": "zhu@example.com"}]
    await post.customer(custom={"zodiac": "pig"}, contact_points=points)
    await post.work()
    await post.later(10)
    first, second = post.receiver.came
    assert first.body == second.body
    await post.client.post(f"/custom-fields/{defined['id']}/retire")
    await asyncio.sleep(1.1)
    await post.later(HOUR)
    third = post.receiver.came[-1]
    assert b"pig" in second.body
    assert b"pig" not in third.body
    await post.client.patch(f"/webhook-endpoints/{endpoint['id']}", json={"masked": True})
    await post.later(5 * HOUR)
    fourth = post.receiver.came[-1]
    assert b"zhu@example.com" in third.body
    assert b"zhu@example.com" not in fourth.body
    [delivery] = await post.deliveries(endpoint)
    assert delivery["rendered_again"] == 2
    assert {came.headers["webhook-id"] for came in post.receiver.came} == {delivery["event_id"]}
    assert verified(endpoint, fourth)["id"] == delivery["event_id"]
    other = {"scopes": ["api_keys:read"], "event_types": ["api_key.*"]}
    await post.client.patch(f"/webhook-endpoints/{endpoint['id']}", json=other)
    came = len(post.receiver.came)
    await post.later(DAY)
    assert len(post.receiver.came) == came
    assert [one["state"] for one in await post.deliveries(endpoint)] == ["cancelled"]


async def test_what_was_for_who_may_do_everything_is_not_sent_to_who_may_do_less(
    post: Post,
) -> None:
    """Others' private views are only in the feed of those who may do everything."""
    endpoint = await post.endpoint(event_types=["view.*"])
    post.receiver.answers(500)
    view = {"name": "Mine", "resource": "customers", "search": {}}
    assert (await post.client.post("/views", json=view)).status_code == 201
    await post.work()
    assert len(post.receiver.came) == 1
    place = f"/webhook-endpoints/{endpoint['id']}"
    narrowed = await post.client.patch(place, json={"scopes": ["views:read"]})
    assert narrowed.status_code == 200, narrowed.text
    await post.later(60)
    assert len(post.receiver.came) == 1
    [delivery] = await post.deliveries(endpoint)
    assert delivery["state"] == "cancelled"


async def test_who_enables_an_endpoint_gives_it_no_more_than_it_had(post: Post) -> None:
    endpoint = await post.endpoint(event_types=["*"], scopes=["customers:read"])
    post.receiver.answers(410)
    await post.customer()
    await post.work()
    assert (await post.read(endpoint))["state"] == "disabled"
    place = f"/webhook-endpoints/{endpoint['id']}/enable"
    enabled = (await post.client.post(place)).json()
    assert (enabled["state"], enabled["scopes"]) == ("active", ["customers:read"])
    post.receiver.answers(200)
    await post.work()
    types = {json.loads(came.body)["type"] for came in post.receiver.came}
    assert types == {"customer.created"}


async def test_values_that_were_erased_meanwhile_are_not_sent(
    post: Post, admin: "Admin[Any]"
) -> None:
    await post.endpoint()
    post.receiver.answers(500)
    await post.customer(name="Zhu Bajie")
    await post.work()
    assert b"Zhu Bajie" in post.receiver.came[0].body
    await admin.execute("DELETE FROM event_values")
    await post.later(10)
    assert b"Zhu Bajie" not in post.receiver.came[1].body
    told = json.loads(post.receiver.came[1].body)
    assert (told["erased"], told["data"], told["changes"]) == (True, None, None)


async def test_what_was_rolled_back_or_rehearsed_is_never_sent(post: Post) -> None:
    await post.endpoint()
    rehearsed = await post.client.post(
        "/customers", json={"kind": "person", "name": "A"}, headers={"Crm-Dry-Run": "true"}
    )
    assert rehearsed.status_code == 201
    refused = await post.client.post("/customers", json={"kind": "person", "name": ""})
    assert refused.status_code == 422
    await post.work()
    assert post.receiver.came == []


async def test_a_secret_of_the_server_that_was_lost_is_no_fault_of_the_endpoint(
    post: Post, admin: "Admin[Any]"
) -> None:
    endpoint = await post.endpoint()
    await post.customer()
    spoiled = "jsonb_set(secrets, '{0,sealed}', to_jsonb($1::text))"
    await admin.execute(f"UPDATE webhook_endpoints SET secrets = {spoiled}", "A" * 40)
    for _ in range(12):
        await post.later(DAY + 5 * HOUR)
    assert post.receiver.came == []
    [delivery] = await post.deliveries(endpoint)
    assert (delivery["state"], delivery["error"]) == ("dead", "internal")
    assert (await post.read(endpoint))["state"] == "active"


async def test_who_hangs_delays_nobody_else(post: Post) -> None:
    """Fifty endpoints at one host, all but one of which never answer, and a worker that goes on."""
    post.receiver.hangs = "/hanging"
    for number in range(49):
        await post.endpoint(url=f"{post.receiver.url}/hanging/{number}")
    await post.endpoint()
    stop, sent = asyncio.Event(), {}
    work = asyncio.create_task(go_on(duties(post.house, Metrics()), stop))
    for number in range(20):
        made = await post.customer(name=f"Bob {number}")
        sent[made["id"]] = asyncio.get_running_loop().time()
        await asyncio.sleep(0.05)
    for _ in range(200):
        arrived = {_id(came): came.at for came in post.receiver.came if came.path == "/events"}
        await asyncio.sleep(0 if arrived.keys() == sent.keys() else 0.05)
    stop.set()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert len(post.receiver.came) - len(arrived) == 49 * ABREAST
    took = sorted(arrived[id] - at for id, at in sent.items())
    assert took[int(len(took) * 0.95)] < 5  # whoever waits for those that hang waits 15


def _id(came: Came) -> str:
    found: str = json.loads(came.body)["object_id"]
    return found
