"""Several people work on receipts and orders at the same moment, and all sums hold."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from asyncpg import Connection as Admin
from httpx import Response

from tests.features.pipeline.selling import money
from tests.features.trade.ordering import Json

from .till import Till, part

PAID = """
SELECT bool_and(o.paid = coalesce(a.allocated, 0)) FROM orders o LEFT JOIN (
  SELECT a ->> 'order_id' AS id, sum((a #>> '{amount,amount}')::numeric) AS allocated
  FROM receipts, jsonb_array_elements(allocations) a WHERE status = 'confirmed' GROUP BY 1
) a ON a.id = 'ord_' || replace(o.id::text, '-', '')"""
FOUND = """
SELECT count(*) = (SELECT count(*) FROM receipts, jsonb_array_elements(allocations))
FROM receipt_orders"""


def codes(answers: Iterable[Response]) -> Counter[Any]:
    """How many answers have which status, or which code of a mistake."""
    return Counter(
        answer.json()["errors"][0]["code"] if answer.status_code == 422 else answer.status_code
        for answer in answers
    )


@pytest.fixture(autouse=True)
async def balanced(till: Till, admin: "Admin[Any]") -> Any:
    """After each test all orders are paid what confirmed receipts say, and are found by it."""
    yield
    assert await admin.fetchval(PAID)
    assert await admin.fetchval(FOUND)


async def test_of_many_who_allocate_a_receipt_at_once_no_more_succeed_than_it_has(
    till: Till,
) -> None:
    orders = [await till.order("100") for _ in range(4)]
    receipt = await till.receipt("100")
    answers = await asyncio.gather(
        *(till.allocate(receipt, part(orders[n % 4], "15")) for n in range(20))
    )
    assert codes(answers) == {200: 6, "more_than_left": 14}
    now = await till.now(receipt)
    assert (now["allocated"], now["unallocated"]) == (money("90.00"), money("10.00"))
    paid = [Decimal((await till.payment(order))[1]) for order in orders]
    assert sum(paid) == 90


async def test_an_order_that_several_receipts_pay_at_once_is_paid_exactly(till: Till) -> None:
    for _ in range(5):
        order = await till.order("100")
        receipts = [await till.receipt("60") for _ in range(2)]
        asked = [till.allocate(receipt, part(order, "60")) for receipt in receipts]
        assert codes(await asyncio.gather(*asked)) == {200: 1, "more_than_due": 1}
        assert await till.payment(order) == ("partial", "60.00")
    many = [await till.receipt("25") for _ in range(8)]
    order = await till.order("100")
    asked = [till.allocate(receipt, part(order, "25")) for receipt in many]
    assert codes(await asyncio.gather(*asked)) == {200: 4, "more_than_due": 4}
    assert await till.payment(order) == ("full", "100.00")


async def test_orders_that_are_named_in_any_order_hold_nobody_up(till: Till) -> None:
    orders = [await till.order("1000") for _ in range(5)]
    receipts = [await till.receipt("100") for _ in range(10)]
    answers = await asyncio.gather(
        *(
            till.allocate(receipt, *(part(order, "10") for order in orders[:: 1 - 2 * (n % 2)]))
            for n, receipt in enumerate(receipts)
        )
    )
    assert codes(answers) == {200: 10}
    assert [await till.payment(order) for order in orders] == [("partial", "100.00")] * 5


async def test_of_many_who_reverse_a_receipt_at_once_one_succeeds(
    till: Till, admin: "Admin[Any]"
) -> None:
    order = await till.order("100")
    receipt = await till.receipt("100", part(order, "100"))
    answers = await asyncio.gather(
        *(till.act(receipt, "reverse", reason=f"No. {n}") for n in range(10))
    )
    assert codes(answers) == {200: 1, 409: 9}
    reversals = "SELECT count(*) FROM receipts WHERE reverses_id = $1"
    assert await admin.fetchval(reversals, receipt["id"][4:]) == 1
    assert await till.payment(order) == ("none", "0.00")


async def test_a_draft_is_confirmed_once(till: Till) -> None:
    order = await till.order("100")
    draft = await till.receipt("60", part(order, "60"), status="draft")
    answers = await asyncio.gather(*(till.act(draft, "confirm") for _ in range(10)))
    assert codes(answers) == {200: 1, 409: 9}
    assert await till.payment(order) == ("partial", "60.00")


async def test_what_is_allocated_while_it_is_reversed_is_not_paid(till: Till) -> None:
    for _ in range(5):
        order = await till.order("100")
        receipt = await till.receipt("100", part(order, "10"))
        answers = await asyncio.gather(
            till.allocate(receipt, part(order, "20")),
            till.act(receipt, "reverse", reason="Bounced"),
            till.act(receipt, "deallocate", order_ids=[order["id"]]),
        )
        assert answers[1].status_code == 200
        assert await till.payment(order) == ("none", "0.00")


async def test_an_event_that_comes_twice_at_once_is_a_receipt_once(till: Till) -> None:
    event: Json = {"provider": "alipay", "provider_event_id": "4711"}
    answers = await asyncio.gather(*(till.send(**event) for _ in range(10)))
    assert codes(answers) == {201: 1, 409: 9}
    [made] = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    told = [answer.json()["existing"]["id"] for answer in answers if answer.status_code == 409]
    assert set(told) == {made}
