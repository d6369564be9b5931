"""Endpoints for which more waits than one statement can move, as after a large import."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin

from crm_api.platform.webhook_deliveries.statements import MOST
from crm_api.settings import Settings

from .posting import Post, posting

Json = dict[str, Any]
WAITING = MOST + 100
FILL = """
WITH endpoint AS (
  SELECT * FROM webhook_endpoints WHERE id = $1
), made AS (
  INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, state, body,
    seen, next_at, created_at, updated_at)
  SELECT tenant_id, gen_random_uuid(), id, gen_random_uuid(), 'customer.created', 'pending', '{}',
    '{"masked": false, "hidden": [], "erased": true}', now(), now(), now()
  FROM endpoint, generate_series(1, $2::int) RETURNING id
)
INSERT INTO timers (tenant_id, id, kind, lane, due_at)
SELECT tenant_id, made.id, 'webhook delivery', endpoint.id, now() FROM made, endpoint"""
STATES = "SELECT state, count(*) FROM webhook_deliveries WHERE endpoint_id = $1 GROUP BY state"
TIMERS = "SELECT count(*) FROM timers WHERE lane = $1"


@pytest.fixture
async def post(settings: Settings) -> AsyncIterator[Post]:
    async with posting(settings) as found:
        yield found


def id_of(endpoint: Json) -> UUID:
    return UUID(endpoint["id"].removeprefix("whe_"))


async def states(admin: "Admin[Any]", endpoint: Json) -> Counter[str]:
    rows = await admin.fetch(STATES, id_of(endpoint))
    return Counter({row["state"]: row["count"] for row in rows})


async def test_all_that_waits_is_paused_where_an_endpoint_is_gone_and_sent_when_it_is_back(
    post: Post, admin: "Admin[Any]"
) -> None:
    endpoint = await post.endpoint()
    await admin.execute(FILL, id_of(endpoint), WAITING)
    post.receiver.answers(410)
    await post.work()
    assert await states(admin, endpoint) == {"paused": WAITING}
    assert await admin.fetchval(TIMERS, id_of(endpoint)) == 0
    asked, post.receiver.came[:] = len(post.receiver.came), []
    assert asked < 10
    post.receiver.answers(200)
    enabled = await post.client.post(f"/webhook-endpoints/{endpoint['id']}/enable")
    assert enabled.status_code == 200, enabled.text
    async with asyncio.timeout(90):
        while await states(admin, endpoint) != {"delivered": WAITING}:
            await post.work()
    assert len({came.headers["webhook-id"] for came in post.receiver.came}) == WAITING


async def test_all_that_waits_waits_for_the_time_that_an_endpoint_asks_for_and_ends_with_it(
    post: Post, admin: "Admin[Any]"
) -> None:
    endpoint = await post.endpoint()
    await admin.execute(FILL, id_of(endpoint), WAITING)
    post.receiver.answers(429, b"", {"Retry-After": "3600"})
    await post.work()
    asked = len(post.receiver.came)
    assert asked < 10
    assert (await states(admin, endpoint)).total() == WAITING
    deleted = await post.client.delete(f"/webhook-endpoints/{endpoint['id']}")
    assert deleted.status_code == 204
    await post.later(3700)
    assert await states(admin, endpoint) == {"cancelled": WAITING}
    assert await admin.fetchval(TIMERS, id_of(endpoint)) == 0
    assert len(post.receiver.came) == asked
