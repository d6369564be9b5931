"""Funnels equal a naive recount of the histories of deals."""

import random
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from .selling import (
    acted,
    customer,
    deal,
    later,
    money,
    pipeline,
    stays,
    unit,
    user,
)

Json = dict[str, Any]
ZONE = ZoneInfo("Asia/Shanghai")
HOUR, DAY = 3600, 86400
KEY = ("period_on", "owner_id", "source", "stage")


async def funnel(client: AsyncClient, pipeline: Json, **asked: Any) -> list[Json]:
    answer = await client.get(f"/pipelines/{pipeline['id']}/funnel", params=asked)
    assert answer.status_code == 200, answer.text
    rows: list[Json] = answer.json()["stages"]
    return rows


def day_of(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(ZONE).date()


def recounted(pipeline: Json, histories: list[list[Json]], by: list[str], within: Any) -> Any:
    """By what a reader of all histories would count."""
    stage_of = {stage["id"]: stage for stage in pipeline["stages"]}
    place = {stage["id"]: n for n, stage in enumerate(pipeline["stages"])}
    came: dict[Any, dict[str, tuple[bool, Decimal]]] = defaultdict(dict)
    left: dict[Any, set[str]] = defaultdict(set)
    times: dict[Any, list[float]] = defaultdict(list)
    for history in histories:
        for n, stay in enumerate(history):
            key = gathered(stay, stage_of, by, stay["entered_at"])
            if day_of(stay["entered_at"]) in within:
                worth = Decimal((stay["base_amount"] or {"amount": "0"})["amount"])
                further = any(_is_further(place, stay, one) for one in history[n + 1 :])
                before = came[key].get(stay["deal_id"], (False, worth))
                came[key][stay["deal_id"]] = (before[0] or further, max(before[1], worth))
            if stay["left_at"] and stay["kind"] == "open" and day_of(stay["left_at"]) in within:
                gone = gathered(stay, stage_of, by, stay["left_at"])
                left[gone].add(stay["deal_id"])
                if not stay["skipped"]:
                    times[gone].append(_seconds(stay))
    return {
        key: {
            "entered": len(came[key]),
            "left": len(left[key]),
            "went_on": sum(further for further, _ in came[key].values()),
            "value": sum((worth for _, worth in came[key].values()), Decimal()),
            "median_seconds": round(median(times[key])) if times[key] else None,
        }
        for key in came.keys() | left.keys()
    }


def gathered(stay: Json, stage_of: Json, by: list[str], at: str) -> Any:
    found = {
        "period_on": day_of(at).replace(day=1).isoformat() if "period" in by else None,
        "owner_id": stay["owner_id"] if "owner_id" in by else None,
        "source": stay["source"] if "source" in by else None,
        "stage": stage_of[stay["stage_id"]]["code"],
    }
    return tuple(found[name] for name in KEY)


def _is_further(place: dict[str, int], stay: Json, one: Json) -> bool:
    later_stage = one["kind"] == "open" and place[one["stage_id"]] > place[stay["stage_id"]]
    return later_stage or (one["kind"] == "won" and stay["kind"] == "open")


def _seconds(stay: Json) -> float:
    begun, ended = (datetime.fromisoformat(stay[name]) for name in ("entered_at", "left_at"))
    return (ended - begun).total_seconds()


class Walk:
    """Deals that go their ways at random, while time goes on."""

    def __init__(self, client: AsyncClient, seed: int) -> None:
        self.client, self.chance = client, random.Random(seed)
        self.deals: list[Json] = []
        self.sources: dict[str, str | None] = {}

    async def begin(self) -> None:
        self.pipeline = await pipeline(self.client)
        self.codes = [s["code"] for s in self.pipeline["stages"] if s["kind"] == "open"]
        self.customer, self.unit = await customer(self.client), await unit(self.client)
        self.users = [await user(self.client, name) for name in ("李娜", "王强")]
        rate = {"currency": "EUR", "rate": "7.8125", "valid_from_on": "2020-01-01"}
        assert (await self.client.post("/exchange-rates", json=rate)).status_code == 201

    async def step(self) -> None:
        if len(self.deals) < 12 or self.chance.random() < 0.15:
            await self._new()
        place = self.chance.randrange(len(self.deals))
        self.deals[place] = await self._gone_on(self.deals[place])
        if self.chance.random() < 0.5:
            await later(self.client, self.chance.choice((HOUR, 5 * DAY, 23 * DAY)))

    async def _new(self) -> None:
        source = self.chance.choice((None, "trade_fair", "referral"))
        worth = self.chance.choice((None, money("1000.5"), money("99.99", "EUR")))
        said = {"owner_id": self.chance.choice((None, *self.users)), "amount": worth}
        new = await deal(self.client, self.customer, self.unit, source=source, **said)
        self.deals.append(new)
        self.sources[new["id"]] = source

    async def _gone_on(self, deal: Json) -> Json:
        if deal["status"] != "open":
            return await acted(self.client, deal, "reopen", reason="Again")
        others = [code for code in self.codes if code != deal["stage"]]
        match self.chance.randrange(8):
            case 0:
                return await acted(self.client, deal, "win")
            case 1:
                return await acted(self.client, deal, "lose", reason="price")
            case 2:
                said = {"owner_id": self.chance.choice(self.users), "amount": money("2500")}
                changed = await self.client.patch(f"/deals/{deal['id']}", json=said)
                assert changed.status_code == 200, changed.text
                told: Json = changed.json()
                return told
            case _:
                return await acted(self.client, deal, "move", stage=self.chance.choice(others))

    async def histories(self) -> list[list[Json]]:
        return [
            [{**stay, "source": self.sources[one["id"]]} for stay in await stays(self.client, one)]
            for one in self.deals
        ]


class Days:
    """From a day until before another."""

    def __init__(self, first: date, until: date) -> None:
        self.first, self.until = first, until

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.until


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_funnel_is_what_the_histories_say(client: AsyncClient, seed: int) -> None:
    walk = Walk(client, seed)
    await walk.begin()
    for _ in range(60):
        await walk.step()
    histories = await walk.histories()
    moments = sorted(stay["entered_at"] for history in histories for stay in history)
    first, last = day_of(moments[0]), day_of(moments[-1])
    middle = day_of(moments[len(moments) // 2])
    for by in ([], ["owner_id"], ["source"], ["period"], ["period", "owner_id", "source"]):
        for within in (Days(first, date(2199, 1, 1)), Days(first, middle), Days(middle, last)):
            if within.first >= within.until:
                continue
            span = {"from_on": within.first.isoformat(), "until_on": within.until.isoformat()}
            told = await funnel(client, walk.pipeline, by=by, **span)
            expected = recounted(walk.pipeline, histories, by, within)
            assert {tuple(row[name] for name in KEY): _figures(row) for row in told} == expected


def _figures(row: Json) -> Json:
    shown = {name: row[name] for name in ("entered", "left", "went_on", "median_seconds")}
    return {**shown, "value": Decimal(row["value"]["amount"])}


async def test_a_funnel_is_of_the_owners_sources_and_units_that_are_asked_for(
    client: AsyncClient,
) -> None:
    sales, of = await pipeline(client), await customer(client)
    above = await unit(client)
    below, apart = await unit(client, "Shop", parent_id=above), await unit(client, "Apart")
    owner = await user(client)
    for at, said in ((below, {"owner_id": owner}), (apart, {"source": "trade_fair"}), (above, {})):
        await deal(client, of, at, **said)
    asked: list[tuple[Json, int]] = [
        ({"owner_id": owner}, 1),
        ({"source": "trade_fair"}, 1),
        ({"business_unit_id": above}, 1),
        ({"under": above}, 2),
        ({"under": [above, apart]}, 3),
        ({"under": above, "source": "trade_fair"}, 0),
    ]
    for query, count in asked:
        rows = await funnel(client, sales, **query)
        assert sum(row["entered"] for row in rows) == count, query


async def test_what_a_funnel_says_of_the_past_stays_so(client: AsyncClient) -> None:
    sales, of, at = await pipeline(client), await customer(client), await unit(client)
    rate = {"currency": "EUR", "rate": "7.8", "valid_from_on": "2020-01-01"}
    entered = (await client.post("/exchange-rates", json=rate)).json()
    first, second = await user(client), await user(client, "王强")
    one = await deal(client, of, at, amount=money("100", "EUR"), owner_id=first)
    one = await acted(client, one, "move", stage="proposal")
    before = await funnel(client, sales, by="owner_id")
    assert {row["value"]["amount"] for row in before} == {"780.00"}
    await client.patch(f"/exchange-rates/{entered['id']}", json={"rate": "9"})
    changed = {"owner_id": second, "amount": money("5000"), "source": "referral"}
    assert (await client.patch(f"/deals/{one['id']}", json=changed)).status_code == 200
    assert await funnel(client, sales, by="owner_id") == before


async def test_an_archived_deal_is_in_no_funnel(client: AsyncClient) -> None:
    sales, of, at = await pipeline(client), await customer(client), await unit(client)
    one = await deal(client, of, at)
    await client.post(f"/deals/{one['id']}/archive")
    assert await funnel(client, sales) == []
    await client.post(f"/deals/{one['id']}/restore")
    assert [row["entered"] for row in await funnel(client, sales)] == [1]


async def test_a_stage_that_is_retired_keeps_its_place_in_the_funnel(client: AsyncClient) -> None:
    sales, of, at = await pipeline(client), await customer(client), await unit(client)
    one = await deal(client, of, at)
    one = await acted(client, one, "move", stage="needs")
    await acted(client, one, "move", stage="proposal")
    without = [stage for stage in sales["stages"] if stage["code"] != "needs"]
    kept = [{k: v for k, v in stage.items() if k not in ("id", "retired")} for stage in without]
    changed = await client.patch(f"/pipelines/{sales['id']}", json={"stages": kept})
    assert changed.status_code == 200, changed.text
    rows = {row["stage"]: row["went_on"] for row in await funnel(client, sales)}
    assert rows == {"contact": 1, "needs": 1, "proposal": 0}


async def test_days_that_make_no_span_are_refused(client: AsyncClient) -> None:
    sales = await pipeline(client)
    asked = {"from_on": "2026-02-01", "until_on": "2026-02-01"}
    answer = await client.get(f"/pipelines/{sales['id']}/funnel", params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "until_before_from")
