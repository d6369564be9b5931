"""Orders as shops and ERPs send them: again and again, at once, too late."""

import asyncio
from typing import Any

from httpx import AsyncClient, Response

from tests.conftest import Unchanged
from tests.features.catalogue.shelf import listed
from tests.features.pipeline.selling import money

from .conftest import Counter, Told
from .ordering import Json, counter, given, line, wrong


def seen(ordering: Counter, *lines: Json, version: int = 1, **said: Any) -> Json:
    """An order as a shop sees it."""
    return {
        "customer_id": ordering.customer,
        "business_unit_id": ordering.unit,
        "pricing": "given",
        "status": "confirmed",
        "lines": list(lines) or [given("10.00")],
        "source_version": version,
        **said,
    }


def outcomes(answer: Response) -> list[str]:
    assert answer.status_code in (200, 207), answer.text
    return [one["outcome"] for one in answer.json()["data"]]


async def test_an_upsert_creates_then_changes_then_does_nothing(
    ordering: Counter, told: Told, nothing_changes: Unchanged
) -> None:
    created = await ordering.upsert("1", **seen(ordering))
    assert created.status_code == 201, created.text
    assert created.json()["external_ids"] == {"shop": "1"}
    assert created.json()["source_versions"] == {"shop": 1}
    async with nothing_changes():
        again = await ordering.upsert("1", **seen(ordering))
        assert (again.status_code, again.content) == (200, created.content)
    revised = await ordering.upsert("1", **seen(ordering, given("12.00"), version=2))
    assert revised.json()["total"] == money("12.00")
    assert (revised.json()["revision"], revised.json()["version"]) == (2, 2)
    types = [record["type"] for record in await told(created.json())]
    assert types == ["order.created", "order.confirmed", "order.revised"]


async def test_what_is_late_is_passed_over(ordering: Counter, nothing_changes: Unchanged) -> None:
    newest = await ordering.upsert("1", **seen(ordering, given("12.00"), version=7))
    async with nothing_changes():
        late = await ordering.upsert("1", **seen(ordering, given("11.00"), version=6))
        assert (late.status_code, late.content) == (200, newest.content)
        item = {"external_id": "1", "data": seen(ordering, given("9.00"), version=2)}
        assert outcomes(await ordering.batch(item)) == ["unchanged"]


async def test_each_system_counts_its_own_versions(ordering: Counter) -> None:
    order = (await ordering.upsert("1", **seen(ordering, version=7))).json()
    await ordering.put(order, seen=False, external_ids={"sap": "A1"})
    path = "/orders/external/sap/A1"
    noted = await ordering.client.patch(path, json={"source_version": 3, "note": "By SAP"})
    assert noted.json()["source_versions"] == {"shop": 7, "sap": 3}


async def test_a_system_says_how_far_its_order_is(
    ordering: Counter, told: Told, nothing_changes: Unchanged
) -> None:
    order = (await ordering.upsert("1", **seen(ordering, status="completed"))).json()
    assert order["status"] == "completed"
    types = [record["type"] for record in await told(order)]
    assert types == ["order.created", "order.confirmed", "order.completed"]
    async with nothing_changes():
        assert (await ordering.upsert("1", status="confirmed")).json()["status"] == "completed"
        refused = await ordering.upsert("1", status="cancelled")
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid-transition")
    corrected = await ordering.upsert("1", **seen(ordering, given("11.00"), version=2))
    assert (corrected.json()["status"], corrected.json()["revision"]) == ("completed", 2)


async def test_a_system_cancels_its_order(ordering: Counter) -> None:
    await ordering.upsert("1", **seen(ordering))
    why = {"status": "cancelled", "cancellation_reason": "Out of stock"}
    cancelled = (await ordering.upsert("1", **why)).json()
    assert (cancelled["status"], cancelled["cancellation_reason"]) == ("cancelled", "Out of stock")


async def test_what_an_order_is_for_life_is_not_sent_otherwise(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    await ordering.upsert("1", **seen(ordering))
    async with nothing_changes():
        for said in ({"pricing": "computed", "lines": [line()]}, {"currency": "EUR", "lines": []}):
            refused = await ordering.upsert("1", **said)
            assert wrong(refused, 409)[0][1] == "order_settled"


async def test_a_batch_makes_orders_in_one_statement_and_numbers_them_in_their_order(
    ordering: Counter,
) -> None:
    items = [{"external_id": str(n), "data": seen(ordering)} for n in range(20)]
    assert outcomes(await ordering.batch(*items)) == ["created"] * 20
    assert outcomes(await ordering.batch(*items)) == ["unchanged"] * 20
    orders = await listed(ordering.client, "/orders", sort="created_at")
    numbers = {order["external_ids"]["shop"]: int(order["number"][-4:]) for order in orders}
    assert [numbers[str(n)] for n in range(20)] == list(range(1, 21))


async def test_a_bad_order_costs_itself_alone_and_no_number(ordering: Counter) -> None:
    good, bad = seen(ordering), seen(ordering, given("-1"))
    items = [{"external_id": str(n), "data": bad if n == 1 else good} for n in range(3)]
    answer = await ordering.batch(*items)
    assert outcomes(answer) == ["created", "failed", "created"]
    [problem] = [one["problem"] for one in answer.json()["data"] if one["problem"]]
    assert problem["errors"][0]["pointer"] == "/data/lines"
    orders = await listed(ordering.client, "/orders")
    assert sorted(int(order["number"][-4:]) for order in orders) == [1, 2]


async def test_one_order_that_comes_every_way_at_once_is_one_order(
    client: AsyncClient, told: Told
) -> None:
    ordering = await counter(client)
    body, lines = seen(ordering), [given("10.00", quantity="2")]
    plain = {**body, "lines": lines, "external_ids": {"shop": "1"}}
    plain.pop("source_version")
    item = {"external_id": "1", "data": {**body, "lines": lines}}
    answers = await asyncio.gather(
        *(ordering.upsert("1", **{**body, "lines": lines}) for _ in range(4)),
        *(ordering.batch(item) for _ in range(4)),
        *(client.post("/orders", json=plain) for _ in range(4)),
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) <= 1
    assert set(codes) <= {200, 201, 409}
    corrected = await ordering.upsert("1", **seen(ordering, given("11.00"), version=3))
    late = await ordering.upsert("1", **seen(ordering, given("9.00"), version=2))
    assert late.content == corrected.content
    [order] = await listed(client, "/orders")
    assert (order["total"], order["revision"]) == (money("11.00"), 2)
    types = [record["type"] for record in await told(order)]
    for once in ("order.created", "order.confirmed", "order.revised"):
        assert types.count(once) == 1


async def test_many_versions_at_once_leave_the_newest(client: AsyncClient) -> None:
    ordering = await counter(client)
    sent = [seen(ordering, given(f"{n}.00"), version=n) for n in range(1, 16)]
    await asyncio.gather(*(ordering.upsert("1", **one) for one in sent))
    [order] = await listed(client, "/orders")
    assert (order["total"], order["source_versions"]) == (money("15.00"), {"shop": 15})
