"""What the demo's households bought, as the API takes it; sums beside those of DuckDB."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.cli import households
from crm_api.cli.households import Basket, Shop
from crm_api.cli.households.baskets import Line
from crm_api.cli.households.journey import opened, parquet
from crm_api.cli.loading import Sample, known_households, load
from crm_api.cli.trading import load_trade
from crm_api.cli.trouble import Trouble
from crm_api.features.trade.orders.schemas import OrderBatchItem
from tests.conftest import NewClient, NewTenant, Unchanged

SOME, WEEKS = 300, 450
SUMS = """
    SELECT count(DISTINCT basket_id), count(*), sum(sales_value::DECIMAL(12, 2)),
        sum(retail_disc::DECIMAL(12, 2) + coupon_match_disc::DECIMAL(12, 2)),
        count(*) FILTER (quantity = 0), count(DISTINCT product_id)
    FROM read_parquet($transactions) WHERE list_contains($ids, basket_id)"""
BY = """
    SELECT {group}, sum(sales_value::DECIMAL(12, 2)), count(DISTINCT basket_id)
    FROM read_parquet($transactions) WHERE list_contains($ids, basket_id) GROUP BY ALL"""
BY_MONTH = BY.format(group="strftime(transaction_timestamp + to_weeks($weeks), '%Y-%m-01')")
BY_HOUSEHOLD = BY.format(group="household_id")


@pytest.fixture(scope="module")
def bought() -> list[Basket]:
    return list(households.baskets(households.spread(SOME)))


def of_duckdb(sql: str, baskets: Sequence[Basket], **more: Any) -> list[Any]:
    ids = [basket.id for basket in baskets]
    with opened() as database:
        asked = {"transactions": parquet("transactions"), "ids": ids, **more}
        return database.execute(sql, asked).fetchall()


def shop(baskets: Sequence[Basket], products: dict[str, str] | None = None) -> Shop:
    """With an id for every household, and no product."""
    customers = {str(one.household): f"cus_{one.household:032x}" for one in baskets}
    return Shop("bun_" + "0" * 32, customers, products or {}, timedelta(weeks=WEEKS))


def data(basket: Basket, **products: str) -> dict[str, Any]:
    said: dict[str, Any] = households.order(basket, shop([basket], products))["data"]
    return said


def sample(baskets: list[Basket]) -> Sample:
    named = {line.product for basket in baskets for line in basket.lines}
    buyers = {str(basket.household) for basket in baskets}
    persons = households.persons(WEEKS)
    return Sample(
        persons=[one for one in persons if one["external_ids"]["complete_journey"] in buyers],
        organizations=[],
        shift_weeks=WEEKS,
        goods=households.goods(named),
        baskets=baskets,
    )


def test_baskets_are_of_the_whole_year_and_the_newest_is_among_them(bought: list[Basket]) -> None:
    assert len(bought) == len({basket.id for basket in bought}) == SOME
    assert len({basket.bought_at.month for basket in bought}) == 12
    assert bought == sorted(bought, key=lambda one: (one.bought_at, one.id))
    assert f"{bought[-1].bought_at:%F %T}" == "2018-01-01 04:01:20"
    assert list(households.baskets(households.spread(SOME))) == bought
    assert len(households.spread()) == 155_848


def test_baskets_hold_what_the_file_holds(bought: list[Basket]) -> None:
    lines = [line for basket in bought for line in basket.lines]
    counted = (
        len(bought),
        len(lines),
        sum(line.amount for line in lines),
        sum(line.discount for line in lines),
        sum(line.quantity == 0 for line in lines),
        len({line.product for line in lines}),
    )
    assert of_duckdb(SUMS, bought) == [counted]


def test_every_basket_fits_the_contract_and_keeps_its_sum(bought: list[Basket]) -> None:
    known = shop(bought)
    for basket in bought:
        read = OrderBatchItem.model_validate_json(json.dumps(households.order(basket, known)))
        assert isinstance(read.data.lines, list)
        amounts = [line.amount.value for line in read.data.lines if line.amount]
        assert amounts == [line.amount for line in basket.lines]


def test_there_are_baskets_that_cost_nothing_and_lines_without_a_quantity(
    bought: list[Basket],
) -> None:
    free = [one for one in bought if not sum(line.amount for line in one.lines)]
    none = next(line for one in bought for line in one.lines if not line.quantity)
    assert free
    said = data(replace(free[0], lines=(none,)))
    assert said["lines"][0]["quantity"] == "0"


def test_a_basket_is_shifted_as_its_household_is(bought: list[Basket]) -> None:
    said, first = data(bought[0]), bought[0].bought_at
    assert datetime.fromisoformat(said["ordered_at"]) == first + timedelta(weeks=WEEKS)


def test_a_product_is_named_by_its_id_or_where_the_file_lacks_it_by_its_number() -> None:
    at = datetime(2017, 5, 1, tzinfo=UTC)
    lines = (Line(7, 2, Decimal("1.50"), Decimal("0.25")), Line(8, 1, Decimal("3"), Decimal()))
    known, unknown = data(Basket(1, 2, 3, at, lines), **{"7": "prd_7"})["lines"]
    assert known == {
        "product_id": "prd_7",
        "quantity": "2",
        "amount": {"amount": "1.50", "currency": "USD"},
        "discount_amount": {"amount": "0.25", "currency": "USD"},
    }
    assert (unknown["sku"], unknown["name"]) == ("8", "Product 8")
    assert "discount_amount" not in unknown


def test_products_that_were_bought_are_in_the_file_but_for_a_few(bought: list[Basket]) -> None:
    named = {line.product for one in bought for line in one.lines}
    sold = households.goods(named)
    missing = named - {good.id for good in sold}
    assert 1 <= len(missing) <= 17
    assert len(households.goods()) == 92_331


def test_departments_come_before_their_categories() -> None:
    bodies = households.categories(households.goods())
    codes = [body["code"] for body in bodies]
    assert len(codes) == len(set(codes)) == 32 + 343
    below = {body["code"]: body["parent"] for body in bodies if "parent" in body}
    assert all(codes.index(parent) < codes.index(code) for code, parent in below.items())
    places = {good.place for good in households.goods()}
    assert places <= set(codes)


def test_what_was_shifted_before_is_shifted_by_as_much_again() -> None:
    persons = households.persons(WEEKS)[:20]
    acquired = {p["external_ids"]["complete_journey"]: p["acquired_at"] for p in persons}
    moved = {**acquired, "1": "2020-01-01T00:00:00Z", "unknown": "2020-01-01T00:00:00Z"}
    assert households.shift_weeks(moved) == WEEKS
    assert households.shift_weeks({}) == households.shift_weeks()


async def test_what_was_bought_is_loaded_to_the_cent_and_a_second_time_nothing_changes(
    client: AsyncClient, bought: list[Basket], nothing_changes: Unchanged
) -> None:
    """A load that broke off is completed by the next one."""
    await loaded(client, sample(bought[:30]))
    assert (await loaded(client, sample(bought)))["orders"] == {
        "unchanged": 30,
        "created": SOME - 30,
    }
    months = of_duckdb(BY_MONTH, bought, weeks=WEEKS)
    assert len(months) > 11
    assert await figures(client, "ordered_at", period="month", time_zone="UTC") == set(months)
    ids = {row["id"]: int(id) for id, row in (await known_households(client)).items()}
    by_customer = await figures(client, "customer_id")
    assert {(ids[id], *more) for id, *more in by_customer} == set(of_duckdb(BY_HOUSEHOLD, bought))
    async with nothing_changes():
        outcomes = await loaded(client, sample(bought))
    assert outcomes["orders"] == {"unchanged": SOME}
    assert outcomes["products"].keys() == {"unchanged"}


async def test_totals_are_told_in_the_currency_of_the_tenant(
    client: AsyncClient, bought: list[Basket]
) -> None:
    await loaded(client, sample(bought[-5:]))
    orders = (await client.get("/orders")).json()["data"]
    assert len(orders) == 5
    for order in orders:
        worth = (Decimal(order["total"]["amount"]) * Decimal("7.1")).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )
        assert order["base_total"] == {"amount": str(worth), "currency": "CNY"}
        assert (order["status"], order["exchange_rate"]) == ("completed", "7.1")


async def test_a_tenant_with_another_base_gets_no_invented_rate(
    caller: NewClient, new_tenant_: NewTenant, bought: list[Basket]
) -> None:
    client = await caller(tenant=await new_tenant_(base_currency="USD"))
    await loaded(client, sample(bought[-2:]))
    assert (await client.get("/exchange-rates")).json()["data"] == []
    orders = (await client.get("/orders")).json()["data"]
    assert all(order["base_total"] == order["total"] for order in orders)


async def test_baskets_of_those_who_are_no_customers_are_left_out(
    client: AsyncClient, bought: list[Basket]
) -> None:
    some = sample(bought[-20:])
    await load(client, some, {})
    gone = next(iter((await known_households(client)).values()))
    assert (await client.post(f"/customers/{gone['id']}/archive")).status_code == 200
    theirs = sum(str(one.household) == household(gone) for one in some.baskets)
    outcomes = await loaded(client, some)
    assert outcomes["orders"] == {"created": 20 - theirs}


async def test_what_is_refused_is_said(client: AsyncClient, bought: list[Basket]) -> None:
    some = sample(bought[-1:])
    await loaded(client, some)
    [order] = (await client.get("/orders")).json()["data"]
    number = {"number": str(bought[-2].id)}
    body = {"customer_id": order["customer_id"], "business_unit_id": order["business_unit_id"]}
    assert (await client.post("/orders", json=body | number)).status_code == 201
    with pytest.raises(Trouble, match=r"refused some orders.*duplicate-value"):
        await loaded(client, sample(bought[-2:]))


def household(customer: dict[str, Any]) -> str:
    return str(customer["external_ids"]["complete_journey"])


async def loaded(client: AsyncClient, some: Sample) -> dict[str, Counter[str]]:
    there = await known_households(client)
    await load(client, some, there)
    return (await load_trade(client, some, there)).outcomes


async def figures(client: AsyncClient, group: str, **asked: str) -> set[tuple[str, Decimal, int]]:
    """Of each group what was paid, and how many orders it has."""
    metrics = [{"op": "sum", "field": "total"}, {"op": "count"}]
    body = {"group_by": [group], "metrics": metrics, "limit": 1000, **asked}
    answer = await client.post("/orders/aggregate", json=body)
    assert answer.status_code == 200, answer.text
    assert not answer.json()["more_groups"]
    return {
        (one["group"][group], Decimal(one["metrics"]["sum_total"]), one["metrics"]["count"])
        for one in answer.json()["groups"]
    }
