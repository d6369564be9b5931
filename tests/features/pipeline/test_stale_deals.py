"""Deals that are in their stage for longer than it allows become stale, once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.pipeline.moves.jobs import crew
from crm_api.kit.context import House
from crm_api.kit.crew import do_once
from tests.conftest import Unchanged
from tests.grouping import ids

from .conftest import Passing, Shop, Told
from .selling import acted, later, shop, way

Json = dict[str, Any]
LIMITS: dict[str, Json] = {"a": {"max_days": 5}, "b": {}, "c": {"max_days": 2}}
WAITING = "SELECT count(*) FROM timers WHERE kind = 'deals'"


@pytest.fixture
async def timed(client: AsyncClient) -> Shop:
    return await shop(client, stages=way("a", "b", "c", **LIMITS))


async def types(told: Told, deal: Json) -> list[str]:
    return [record["type"].removeprefix("deal.") for record in await told(deal)]


async def stale(selling: Shop, **asked: Any) -> set[str]:
    return ids(await selling.client.get("/deals", params={"stale": "true", **asked}))


async def test_a_deal_that_stays_too_long_becomes_stale_once(
    timed: Shop, passing: Passing, told: Told, nothing_changes: Unchanged
) -> None:
    deal, fresh = await timed.deal(), await timed.deal(stage="b")
    await passing(days=4.9)
    assert (await timed.now(deal))["stale_since"] is None
    await passing(days=0.2)
    now = await timed.now(deal)
    since = datetime.fromisoformat(deal["stage_since"]) + timedelta(days=5)
    assert datetime.fromisoformat(now["stale_since"]) == since
    assert (now["version"], await stale(timed)) == (2, {deal["id"]})
    assert ids(await timed.client.get("/deals", params={"stale": "false"})) == {fresh["id"]}
    async with nothing_changes():
        await passing()
    await passing(days=30)
    assert await types(told, deal) == ["created", "became_stale"]
    assert await types(told, fresh) == ["created"]
    record = (await told(deal))[-1]
    assert record["changes"]["stale_since"] == {"old": None, "new": now["stale_since"]}


async def test_a_move_begins_anew(timed: Shop, passing: Passing, told: Told) -> None:
    deal = await timed.deal()
    await passing(days=4)
    moved = await acted(timed.client, deal, "move", stage="c")
    await passing(days=1.5)  # the limit of the first stage is over
    assert (await timed.now(deal))["stale_since"] is None
    await passing(days=1)
    found = await timed.now(moved)
    assert found["stale_since"]
    back = await acted(timed.client, found, "move", stage="a")
    assert (back["stale_since"], await stale(timed)) == (None, set())
    await passing(days=4)
    still = await acted(timed.client, back, "move", stage="b")
    await passing(days=400)
    assert await timed.now(still) == still
    assert await types(told, deal) == ["created", "moved", "became_stale", "moved", "moved"]


async def test_whoever_seldom_looks_finds_a_deal_that_came_to_a_shorter_stage_in_time(
    timed: Shop, passing: Passing
) -> None:
    """The timer of the first stage is later than what the second one allows."""
    deal = await timed.deal()
    await acted(timed.client, deal, "move", stage="c")
    await passing(days=2.1)
    assert await stale(timed) == {deal["id"]}


async def test_a_limit_that_changes_counts_for_the_deals_that_are_there(
    timed: Shop, passing: Passing, told: Told
) -> None:
    client = timed.client
    first, other = await timed.deal(), await timed.deal(stage="b")
    shorter = way("a", "b", "c", a={"max_days": 3}, b={"max_days": 4})
    await passing(days=1)
    assert (await timed.restage(timed.pipeline, shorter)).status_code == 200
    await passing(days=2.1)
    assert await stale(timed) == {first["id"]}
    await passing(days=1)
    assert await stale(timed) == {first["id"], other["id"]}
    late = await acted(client, await timed.deal(), "move", stage="c")
    longer = way("a", "b", "c", c={"max_days": 10})
    assert (await timed.restage(timed.pipeline, longer)).status_code == 200
    await passing(days=9)
    assert (await timed.now(late))["stale_since"] is None
    await passing(days=2)
    assert (await timed.now(late))["stale_since"]
    assert await types(told, late) == ["created", "moved", "became_stale"]


async def test_a_limit_that_is_taken_away_makes_nothing_stale(
    timed: Shop, passing: Passing, told: Told, admin: "Admin[Any]"
) -> None:
    deal = await timed.deal()
    assert (await timed.restage(timed.pipeline, way("a", "b", "c"))).status_code == 200
    await passing(days=400)
    assert await types(told, deal) == ["created"]
    assert await admin.fetchval(WAITING) == 0
    assert (await timed.restage(timed.pipeline, way("a", a={"max_days": 1}))).status_code == 200
    await passing()
    assert await stale(timed) == {deal["id"]}


async def test_a_limit_that_was_over_before_it_was_set_is_told_at_once(
    timed: Shop, passing: Passing
) -> None:
    deal = await timed.deal(stage="b")
    await passing(days=10)
    shorter = way("a", "b", "c", b={"max_days": 3})
    assert (await timed.restage(timed.pipeline, shorter)).status_code == 200
    await passing()
    found = await timed.now(deal)
    assert found["stale_since"] < found["updated_at"]


async def test_closed_and_archived_deals_never_become_stale(
    timed: Shop, passing: Passing, told: Told
) -> None:
    client = timed.client
    won = await acted(client, await timed.deal(), "win")
    lost = await acted(client, await timed.deal(), "lose", reason="price")
    archived = await timed.deal()
    assert (await client.post(f"/deals/{archived['id']}/archive")).status_code == 200
    await passing(days=30)
    assert (await timed.restage(timed.pipeline, way("a", a={"max_days": 1}))).status_code == 200
    await passing(days=30)
    for deal, expected in ((won, "won"), (lost, "lost"), (archived, "archived")):
        assert await types(told, deal) == ["created", expected]
        assert (await timed.now(deal))["stale_since"] is None


async def test_a_deal_that_comes_back_becomes_stale_as_if_it_had_been_there(
    timed: Shop, passing: Passing, told: Told
) -> None:
    client = timed.client
    early, late, closed = [await timed.deal(external_ids={"erp": str(n)}) for n in range(3)]
    closed = await acted(client, closed, "win")
    for deal in (early, late):
        assert (await client.post(f"/deals/{deal['id']}/archive")).status_code == 200
    await passing(days=2)
    assert (await client.post(f"/deals/{early['id']}/restore")).status_code == 200
    await passing(days=4)
    assert await stale(timed) == {early["id"]}
    back = await client.patch("/deals/external/erp/1", json={"source": "fair"})
    assert back.json()["state"] == "live"
    again = await acted(client, closed, "reopen", reason="They called")
    await passing()
    assert await stale(timed) == {early["id"], late["id"]}
    await passing(days=6)
    assert (await timed.now(again))["stale_since"]
    assert await types(told, late) == ["created", "archived", "restored", "became_stale"]


async def test_two_workers_tell_of_a_stale_deal_once(timed: Shop, house: House, told: Told) -> None:
    deals = [await timed.deal() for _ in range(6)]
    await later(timed.client, 6 * 86400)
    await asyncio.gather(*(do_once([crew(house)], asyncio.Event()) for _ in range(3)))
    for deal in deals:
        assert await types(told, deal) == ["created", "became_stale"]


async def test_a_deal_that_is_moved_as_it_becomes_stale_is_either(
    timed: Shop, house: House, told: Told
) -> None:
    deals = [await timed.deal() for _ in range(8)]
    await later(timed.client, 6 * 86400)

    async def move(deal: Json) -> Any:
        place = f"/deals/{deal['id']}/move"
        return await timed.client.post(place, json={"stage": "b"}, headers={"If-Match": "*"})

    await asyncio.gather(do_once([crew(house)], asyncio.Event()), *map(move, deals))
    await do_once([crew(house)], asyncio.Event())
    for deal in deals:
        found = await types(told, deal)
        assert found in (["created", "moved"], ["created", "became_stale", "moved"])
        assert (await timed.now(deal))["stale_since"] is None
