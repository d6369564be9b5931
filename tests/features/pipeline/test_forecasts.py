"""Forecasts equal what a reader of all deals would reckon, and the past does not move."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from tests.conftest import WithKey
from tests.grouping import grown

from .selling import acted, customer, deal, later, money, pipeline, unit, user

Json = dict[str, Any]
ZONE = ZoneInfo("Asia/Shanghai")
RATES = {"CNY": Decimal(1), "EUR": Decimal("7.8125"), "JPY": Decimal("0.0481237")}
KEY = ("period_on", "owner_id", "business_unit_id")
DAY = 86400


async def forecast(client: AsyncClient, **asked: Any) -> Json:
    answer = await client.get("/forecasts", params=asked)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def all_deals(client: AsyncClient) -> list[Json]:
    answer = await client.get("/deals", params={"limit": 200})
    listed: list[Json] = answer.json()["data"]
    return listed


async def today(client: AsyncClient) -> date:
    now = (await client.get("/sandbox/clock")).json()["now"]
    return datetime.fromisoformat(now).astimezone(ZONE).date()


def first_of(period: str, day: date) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def reckoned(deals: list[Json], now: date, period: str, by: list[str]) -> Any:
    """Open, weighted and closed by period, owner and unit."""
    sums: dict[Any, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in deals:
        if one["forecast_category"] == "omitted" and one["status"] == "open":
            continue
        if one["status"] == "open" and one["expected_close_on"]:
            day = max(date.fromisoformat(one["expected_close_on"]), now)
            row = sums[_key(one, first_of(period, day), by)]
            worth = one["amount"] or money("0")
            rate = RATES.get(worth["currency"])
            if rate is None:
                continue
            row["open_deals"] += 1
            row["open"] += Decimal(worth["amount"]) * rate
            row["weighted"] += Decimal(worth["amount"]) * one["probability"] / 100 * rate
        if one["status"] == "won":
            day = datetime.fromisoformat(one["closed_at"]).astimezone(ZONE).date()
            row = sums[_key(one, first_of(period, day), by)]
            row["closed_deals"] += 1
            row["closed"] += Decimal((one["base_amount"] or money("0"))["amount"])
    return {key: _rounded(row) for key, row in sums.items() if row}


def _key(deal: Json, period_on: date, by: list[str]) -> Any:
    dimensions = (deal[name] if name in by else None for name in KEY[1:])
    return (period_on.isoformat(), *dimensions)


def _rounded(row: dict[str, Decimal]) -> Json:
    names = ("open", "weighted", "closed")
    sums = {n: str(row[n].quantize(Decimal("0.01"), ROUND_HALF_UP)) for n in names}
    return {**sums, "open_deals": int(row["open_deals"]), "closed_deals": int(row["closed_deals"])}


def _told(row: Json) -> Json:
    sums = {name: row[name]["amount"] for name in ("open", "weighted", "closed")}
    total = Decimal(sums["weighted"]) + Decimal(sums["closed"])
    assert Decimal(row["forecast"]["amount"]) == total
    return {**sums, "open_deals": row["open_deals"], "closed_deals": row["closed_deals"]}


async def _rates(client: AsyncClient) -> None:
    for currency, rate in RATES.items():
        if currency != "CNY":
            said = {"currency": currency, "rate": str(rate), "valid_from_on": "2020-01-01"}
            assert (await client.post("/exchange-rates", json=said)).status_code == 201


async def _at_random(client: AsyncClient, chance: random.Random) -> None:
    """Deals of several owners, units and currencies: open, late, won and lost."""
    of, now = await customer(client), await today(client)
    units = [await unit(client, name) for name in ("East", "West")]
    users = [await user(client, name) for name in ("李娜", "王强")]
    for _ in range(40):
        currency = chance.choice(("CNY", "EUR", "JPY", "USD"))
        digits = "" if currency == "JPY" else f".{chance.randrange(100):02d}"
        amount = chance.choice((None, money(f"{chance.randrange(1, 10**7)}{digits}", currency)))
        close = chance.choice((None, now + timedelta(days=chance.randrange(-60, 200))))
        said = {
            "amount": amount,
            "expected_close_on": close and close.isoformat(),
            "owner_id": chance.choice((None, *users)),
            "probability": chance.randrange(101),
            "forecast_category": chance.choice(("pipeline", "commit", "omitted")),
        }
        one = await deal(client, of, chance.choice(units), **said)
        end = chance.randrange(4)
        if end == 0 and not (amount and amount["currency"] == "USD"):
            await acted(client, one, "win")
        elif end == 1:
            await acted(client, one, "lose", reason="other")


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_forecast_is_what_the_deals_say(client: AsyncClient, seed: int) -> None:
    await pipeline(client)
    await _rates(client)
    await _at_random(client, random.Random(seed))
    deals, now = await all_deals(client), await today(client)
    for period in ("month", "quarter", "year"):
        for by in ([], ["owner_id"], ["business_unit_id"], ["owner_id", "business_unit_id"]):
            told = await forecast(client, period=period, periods=12, by=by)
            rows = {tuple(row[name] for name in KEY): _told(row) for row in told["rows"]}
            assert rows == reckoned(deals, now, period, by)
    open_ones = [one for one in deals if one["status"] == "open"]
    counted = [one for one in open_ones if one["forecast_category"] != "omitted"]
    undated = [one for one in counted if one["expected_close_on"] is None]
    dollars = [
        Decimal(one["amount"]["amount"])
        for one in counted
        if one["expected_close_on"] and one["amount"] and one["amount"]["currency"] == "USD"
    ]
    assert told["undated_deals"] == len(undated)
    expected = [{"deals": len(dollars), "amount": money(f"{sum(dollars):.2f}", "USD")}]
    assert told["unconverted"] == (expected if dollars else [])


async def test_a_late_deal_counts_in_the_period_of_today(client: AsyncClient) -> None:
    await pipeline(client)
    of, at, now = await customer(client), await unit(client), await today(client)
    before = (now - timedelta(days=400)).isoformat()
    await deal(client, of, at, amount=money("100"), expected_close_on=before)
    [row] = (await forecast(client))["rows"]
    assert (row["period_on"], row["open"]["amount"]) == (now.replace(day=1).isoformat(), "100.00")
    past = await forecast(client, from_on=before)
    assert past["rows"] == []


async def test_what_was_won_stays_so_when_rates_change(client: AsyncClient) -> None:
    await pipeline(client)
    of, at = await customer(client), await unit(client)
    rate = {"currency": "EUR", "rate": "7.8", "valid_from_on": "2020-01-01"}
    entered = (await client.post("/exchange-rates", json=rate)).json()
    said = {"amount": money("100", "EUR"), "expected_close_on": (await today(client)).isoformat()}
    won = await acted(client, await deal(client, of, at, **said), "win")
    assert (won["base_amount"], won["exchange_rate"]) == (money("780.00"), "7.8")
    await deal(client, of, at, **said)
    await client.patch(f"/exchange-rates/{entered['id']}", json={"rate": "9"})
    [row] = (await forecast(client))["rows"]
    assert (row["closed"], row["open"]) == (money("780.00"), money("900.00"))
    await client.delete(f"/exchange-rates/{entered['id']}")
    told = await forecast(client)
    assert told["rows"][0]["closed"] == money("780.00")
    assert told["unconverted"] == [{"deals": 1, "amount": money("100.00", "EUR")}]


async def test_a_deal_that_is_reopened_was_not_won(client: AsyncClient) -> None:
    await pipeline(client)
    of, at = await customer(client), await unit(client)
    one = await acted(client, await deal(client, of, at, amount=money("5")), "win")
    await acted(client, one, "reopen", reason="A mistake")
    assert (await forecast(client))["rows"] == []
    assert (await forecast(client))["undated_deals"] == 1


async def test_the_day_of_closing_is_that_of_the_tenant(client: AsyncClient) -> None:
    """At 16:00 UTC the next day begins in Shanghai."""
    await pipeline(client)
    of, at = await customer(client), await unit(client)
    now = datetime.fromisoformat((await client.get("/sandbox/clock")).json()["now"])
    first = (now.astimezone(ZONE).replace(day=1) + timedelta(days=32)).replace(day=1)
    midnight = first.replace(hour=0, minute=0, second=30, microsecond=0)
    await later(client, int((midnight - now).total_seconds()))
    await acted(client, await deal(client, of, at, amount=money("5")), "win")
    [row] = (await forecast(client))["rows"]
    assert row["period_on"] == first.date().isoformat()


async def test_a_quota_stands_beside_just_what_it_is_for(client: AsyncClient) -> None:
    await pipeline(client)
    at, owner = await unit(client), await user(client)
    now = (await today(client)).replace(day=1).isoformat()
    amounts = {(): "1000", ("owner_id",): "100", ("business_unit_id",): "500"}
    amounts[("owner_id", "business_unit_id")] = "50"
    named = {"owner_id": {"user_id": owner}, "business_unit_id": {"business_unit_id": at}}
    for by, amount in amounts.items():
        of = {key: value for one in by for key, value in named[one].items()}
        said = {"period": "month", "starts_on": now, "amount": money(amount), **of}
        assert (await client.post("/quotas", json=said)).status_code == 201
    amounts[("owner_id",)] = "150"
    for by, amount in amounts.items():
        [row] = (await forecast(client, by=list(by)))["rows"]
        assert row["quota"] == money(f"{amount}.00")
    assert (await forecast(client, period="quarter"))["rows"] == []


async def test_whoever_sees_some_deals_is_told_of_those(
    client: AsyncClient, with_key: WithKey
) -> None:
    group = await grown(client, with_key)
    sales = await pipeline(client)
    seller = await group.hire("sales")
    of = await group.customer("shanghai")
    day = (await today(client)).isoformat()
    for owner, amount in ((seller.id, "10"), (None, "1000")):
        said = {"amount": money(amount), "owner_id": owner, "expected_close_on": day}
        await deal(client, of, group.units["shanghai"], **said)
    assert (await forecast(client))["rows"][0]["open"] == money("1010.00")
    assert (await forecast(seller.client))["rows"][0]["open"] == money("10.00")
    place = f"/pipelines/{sales['id']}/funnel"
    assert [
        (await c.get(place)).json()["stages"][0]["entered"] for c in (client, seller.client)
    ] == [
        2,
        1,
    ]
