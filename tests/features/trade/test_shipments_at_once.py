"""What many do at the same time with the goods of one order: nothing is shipped twice or lost."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from httpx import Response

from .conftest import Warehouse
from .fulfilling import moved, some
from .ordering import Json


def outcomes(answers: Sequence[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def test_of_ten_shipments_at_once_as_many_leave_as_fit(stock: Warehouse) -> None:
    order = await stock.order("9", "100")
    planned = [await stock.planned(order, "2", "1") for _ in range(10)]
    answers = await asyncio.gather(*(stock.act(one, "ship") for one in planned))
    assert outcomes(answers) == {200: 4, 422: 6}
    after = await stock.counter.now(order)
    assert moved(after) == [("8", "0"), ("4", "0")]
    assert after["version"] == order["version"] + 4
    states = Counter([(await stock.now(one))["status"] for one in planned])
    assert states == {"shipped": 4, "ready": 6}


async def test_an_order_is_cancelled_or_its_shipment_leaves(stock: Warehouse) -> None:
    seen: Counter[str] = Counter()
    for n in range(20):
        order = await stock.order("3")
        shipment = await stock.planned(order)
        acts = [
            stock.counter.act(order, "cancel", reason="Ordered twice"),
            stock.act(shipment, "ship"),
        ]
        answers = await asyncio.gather(*(acts if n % 2 else acts[::-1]))
        assert outcomes(answers) == {200: 1, 409: 1}
        ended = (await stock.counter.now(order))["status"], (await stock.now(shipment))["status"]
        assert ended in (("cancelled", "cancelled"), ("in_progress", "shipped"))
        seen[ended[0]] += 1
    assert sum(seen.values()) == 20


async def test_nothing_waits_to_be_sent_of_a_cancelled_order(stock: Warehouse) -> None:
    for _ in range(10):
        order = await stock.order("3")
        known = (await stock.plan(order, external_ids={"wms": order["id"]})).json()
        items: list[Json] = [
            {"external_id": order["id"], "data": {"carrier": "SF", "lines": some("1")}},
            {"external_id": f"{order['id']}-2", "data": {"order_id": order["id"]}},
        ]
        answers = await asyncio.gather(
            stock.plan(order),
            stock.counter.act(order, "cancel", reason="Ordered twice"),
            stock.act(known, "ready"),
            stock.batch(*items),
        )
        assert not outcomes(answers).keys() - {200, 201, 207, 409}
        asked = {"order_id": order["id"]}
        shipments = (await stock.client.get("/shipments", params=asked)).json()["data"]
        assert {one["status"] for one in shipments} == {"cancelled"}


async def test_what_many_tell_of_a_shipment_at_once_is_all_known(stock: Warehouse) -> None:
    shipment = await stock.sent(await stock.order())
    told = [{"at": f"2026-03-01T08:{n:02}:00.000Z", "code": "in_transit"} for n in range(12)]
    asked = [{"events": told[n : n + 3]} for n in range(10)]
    answers = await asyncio.gather(*(stock.act(shipment, "track", body) for body in asked))
    assert outcomes(answers) == {200: 10}
    events = (await stock.now(shipment))["tracking_events"]
    assert [one["at"] for one in events] == [one["at"] for one in told]


async def test_of_many_returns_at_once_as_many_arrive_as_the_customer_has(
    stock: Warehouse,
) -> None:
    order = await stock.order("7", price="9.99")
    await stock.sent(order, "7")
    asked = [await stock.awaited(order, "2") for _ in range(6)]
    answers = await asyncio.gather(*(stock.act(one, "receive", {}) for one in asked))
    assert outcomes(answers) == {200: 3, 422: 3}
    last = await stock.awaited(order, "1")
    await stock.acted(last, "receive", {})
    after = await stock.counter.now(order)
    assert (moved(after), after["shipment_status"]) == ([("7", "7")], "returned")
    totals = [(await stock.now(one))["received_total"]["amount"] for one in (*asked, last)]
    [sold] = after["lines"]
    assert sum(round(float(one) * 100) for one in totals) == round(
        float(sold["total"]["amount"]) * 100
    )
