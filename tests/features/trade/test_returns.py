"""Returns: what customers give back, what of it has arrived, and what that bears of the order."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.features.catalogue.shelf import listed
from tests.features.pipeline.selling import money
from tests.grouping import grown, made

from .conftest import Told, Warehouse
from .fulfilling import moved, once, some
from .ordering import Json, line, wrong
from .test_orders import types

NOBODY = "f" * 32


def bears(line: Json, prefix: str = "") -> tuple[str, str, str]:
    net, tax, total = (line[f"{prefix}{name}"]["amount"] for name in ("net", "tax", "total"))
    return net, tax, total


async def found(client: AsyncClient, **asked: str) -> list[str]:
    return [one["id"] for one in await listed(client, "/returns", **asked)]


async def test_a_return_is_answered_as_it_was_said(stock: Warehouse) -> None:
    order = await stock.order("3", price="9.99")
    await stock.sent(order, "3")
    lines = some("2.0", reason="Scratched")
    said: Json = {"number": "RMA-1", "reason": "Wrong colour", "note": "By post"}
    body = {"order_id": order["id"], "lines": lines, **said}
    created = await stock.client.post("/returns", json=body)
    assert created.status_code == 201, created.text
    returned = created.json()
    assert returned == returned | said | {
        "object": "return",
        "order_id": order["id"],
        "customer_id": order["customer_id"],
        "business_unit_id": order["business_unit_id"],
        "status": "requested",
        "currency": "CNY",
        "received_net": money("0.00"),
        "received_tax": money("0.00"),
        "received_total": money("0.00"),
        "received_at": None,
    }
    assert returned["lines"] == [
        {
            "line": 1,
            "quantity": "2",
            "reason": "Scratched",
            "net": money("19.98"),
            "tax": money("2.60"),
            "total": money("22.58"),
            "received_quantity": "0",
            "received_net": money("0.00"),
            "received_tax": money("0.00"),
            "received_total": money("0.00"),
        }
    ]
    place = f"/returns/{returned['id']}"
    assert (await stock.client.get(place)).content == created.content
    asked = {"expand": ["order", "customer"]}
    beside = (await stock.client.get(place, params=asked)).json()
    assert (beside["order"]["id"], beside["customer"]["id"]) == (
        order["id"],
        order["customer_id"],
    )


async def test_a_return_goes_its_way_and_each_step_is_told(stock: Warehouse, told: Told) -> None:
    order = await stock.order("3", "5")
    await stock.sent(order, "3", "5")
    returned = await stock.asked(order, "2", "5")
    returned = (await stock.put(returned, note="By post")).json()
    returned = await stock.acted(returned, "approve")
    assert (returned["status"], moved(await stock.counter.now(order))) == (
        "approved",
        [("3", "0"), ("5", "0")],
    )
    partly = await stock.acted(returned, "receive", {"lines": some("1")})
    assert partly["status"] == "partially_received"
    assert partly["received_at"]
    assert moved(await stock.counter.now(order)) == [("3", "1"), ("5", "0")]
    all_there = await stock.acted(returned, "receive", {})
    assert [one["received_quantity"] for one in all_there["lines"]] == ["2", "5"]
    assert all_there["status"] == "received"
    closed = await stock.acted(returned, "close")
    assert (closed["status"], bool(closed["closed_at"])) == ("closed", True)
    steps = ["requested", "updated", "approved", "received", "received", "closed"]
    assert types(await told(returned)) == [f"return.{step}" for step in steps]
    after = await stock.counter.now(order)
    assert (moved(after), after["shipment_status"]) == ([("3", "2"), ("5", "5")], "full")
    assert types(await told(order))[-2:] == 2 * ["order.goods_returned"]


async def test_a_return_is_rejected_with_a_reason(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order()
    await stock.sent(order)
    returned = await stock.asked(order, "1")
    rejected = await stock.acted(returned, "reject", {"reason": "Used for a year"})
    assert (rejected["status"], rejected["rejection_reason"]) == ("rejected", "Used for a year")
    assert rejected["rejected_at"]
    async with nothing_changes():
        refused = await stock.act(returned, "receive", {})
        assert refused.json()["code"] == "invalid-transition"


async def test_what_arrives_bears_its_share_and_all_shares_make_the_line(
    stock: Warehouse,
) -> None:
    order = await stock.order("3", price="3.34")
    await stock.sent(order)
    expected = [("3.34", "0.43", "3.77"), ("3.34", "0.44", "3.78"), ("3.34", "0.43", "3.77")]
    early = await stock.awaited(order, "1")
    for n, share in enumerate(expected):
        returned = await stock.awaited(order, "1") if n else early
        returned = await stock.acted(returned, "receive", {})
        [one] = returned["lines"]
        assert bears(one) == bears(one, "received_") == bears(returned, "received_") == share
    [sold] = (await stock.counter.now(order))["lines"]
    assert bears(sold) == ("10.02", "1.30", "11.32")


async def test_what_has_not_arrived_bears_what_is_expected(stock: Warehouse) -> None:
    order = await stock.order("3", price="3.34")
    await stock.sent(order)
    first, second = await stock.awaited(order, "2"), await stock.awaited(order, "2")
    assert bears(first["lines"][0]) == bears(second["lines"][0]) == ("6.68", "0.87", "7.55")
    partly = await stock.acted(first, "receive", {"lines": some("1")})
    assert bears(partly["lines"][0]) == ("6.68", "0.87", "7.55")
    assert bears(partly["lines"][0], "received_") == ("3.34", "0.43", "3.77")
    await stock.acted(second, "receive", {})
    closed = await stock.acted(first, "close")
    assert bears(closed, "received_") == ("3.34", "0.43", "3.77")
    assert bears(await stock.now(second), "received_") == ("6.68", "0.87", "7.55")


async def test_where_prices_include_tax_the_price_is_shared(stock: Warehouse) -> None:
    order = await stock.order("3", price="3.34", prices_include_tax=True)
    await stock.sent(order)
    returned = await stock.acted(await stock.awaited(order, "1"), "receive", {})
    assert bears(returned, "received_") == ("2.96", "0.38", "3.34")


async def test_what_was_handed_over_without_a_shipment_comes_back(stock: Warehouse) -> None:
    order = await stock.order("3")
    await stock.counter.acted(order, "complete")
    returned = await stock.acted(await stock.awaited(order, "3"), "receive", {})
    assert returned["status"] == "received"
    after = await stock.counter.now(order)
    assert (moved(after), after["shipment_status"]) == ([("0", "3")], "returned")


UNFIT: list[tuple[list[Json], str, str]] = [
    (some("3"), "/lines/0/quantity", "too_much"),
    (some("1", "1"), "/lines/1/quantity", "too_much"),
    ([{"line": 3, "quantity": "1"}], "/lines/0/line", "unknown_line"),
    ([*some("1"), *some("1")], "/lines", "line_repeated"),
    (some("0"), "/lines/0/quantity", "string_pattern_mismatch"),
    ([], "/lines", "too_short"),
]


@pytest.mark.parametrize(("lines", "pointer", "code"), UNFIT)
async def test_nobody_gives_back_what_he_has_not(
    stock: Warehouse, nothing_changes: Unchanged, lines: list[Json], pointer: str, code: str
) -> None:
    ordered = line(quantity="3"), line(quantity="5"), line(kind="service")
    order = await stock.counter.order(*ordered, status="confirmed")
    await stock.sent(order, "2")
    returned = await stock.asked(order, "1")
    async with nothing_changes():
        refused = await stock.ask(order, lines=lines)
        assert wrong(refused) == [(pointer, code)]
        assert wrong(await stock.put(returned, lines=lines)) == [(pointer, code)]


async def test_what_came_back_already_does_not_come_again(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    await stock.sent(order, "2")
    one, two = await stock.awaited(order, "2"), await stock.awaited(order, "1")
    await stock.acted(two, "receive", {})
    async with nothing_changes():
        refused = await stock.act(one, "receive", {})
        assert wrong(refused) == [("/lines/0/quantity", "too_much")]
        refused = await stock.ask(order, "2")
        assert wrong(refused) == [("/lines/0/quantity", "too_much")]


async def test_more_than_is_waited_for_does_not_arrive(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3", "5")
    await stock.sent(order)
    returned = await stock.awaited(order, "2")
    await stock.acted(returned, "receive", {"lines": some("1")})
    async with nothing_changes():
        refused = await stock.act(returned, "receive", {"lines": some("1.5")})
        assert wrong(refused) == [("/lines/0/quantity", "too_much")]
        refused = await stock.act(returned, "receive", {"lines": [{"line": 2, "quantity": "1"}]})
        assert wrong(refused) == [("/lines/0/line", "unknown_line")]


async def test_receiving_asks_for_an_idempotency_key_and_happens_once(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    await stock.sent(order)
    returned = await stock.awaited(order, "2")
    place, said = f"/returns/{returned['id']}/receive", {"lines": some("1")}
    async with nothing_changes():
        refused = await stock.client.post(place, json=said)
        assert refused.json()["code"] == "idempotency-key-required"
    key = once()
    first = await stock.client.post(place, json=said, headers=key)
    async with nothing_changes():
        again = await stock.client.post(place, json=said, headers=key)
        assert again.content == first.content
    assert moved(await stock.counter.now(order)) == [("3", "1")]


@pytest.mark.parametrize("status", ["draft", "cancelled"])
async def test_nothing_comes_back_of_an_order_that_is_not_under_way(
    stock: Warehouse, nothing_changes: Unchanged, status: str
) -> None:
    order = await stock.order("3", status="draft")
    if status == "cancelled":
        await stock.counter.acted(order, "cancel", reason="Ordered twice")
    async with nothing_changes():
        refused = await stock.ask(order, "1")
        assert wrong(refused, 409) == [("/order_id", "order_not_under_way")]
        refused = await stock.ask({"id": f"ord_{NOBODY}"}, "1")
        assert wrong(refused) == [("/order_id", "unknown_reference")]


async def test_what_was_decided_on_stays_so(stock: Warehouse, nothing_changes: Unchanged) -> None:
    order = await stock.order("3")
    await stock.sent(order)
    returned = await stock.asked(order, "1", reason="Broken")
    changed = (await stock.put(returned, lines=some("2"), reason=None)).json()
    assert (changed["lines"][0]["quantity"], changed["reason"]) == ("2", None)
    assert bears(changed["lines"][0]) == ("200.00", "26.00", "226.00")
    approved = await stock.acted(changed, "approve")
    async with nothing_changes():
        refused = await stock.put(approved, lines=some("1"), reason="Broken")
        told = [("/lines", "return_settled"), ("/reason", "return_settled")]
        assert wrong(refused, 409) == told
    assert (await stock.put(approved, note="By post")).json()["note"] == "By post"


async def test_numbers_of_returns_are_given_once(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    await stock.sent(order)
    first, second = [await stock.asked(order, "1") for _ in range(2)]
    assert first["number"].startswith("RT")
    assert int(second["number"][-4:]) == int(first["number"][-4:]) + 1
    async with nothing_changes():
        refused = await stock.ask(order, "1", number=first["number"])
        assert wrong(refused, 409) == [("/number", "duplicate_value")]


async def test_returns_are_listed_by_what_they_are_of_and_how_far_they_are(
    stock: Warehouse,
) -> None:
    unit = (await made(stock.client, "/business-units", {"name": "West", "kind": "shop"}))["id"]
    order, elsewhere = await stock.order("3"), await stock.order("3", business_unit_id=unit)
    for one in (order, elsewhere):
        await stock.sent(one)
    old, new = await stock.awaited(elsewhere, "1"), await stock.asked(order, "1")
    expected: dict[str, dict[str, list[Json]]] = {
        "order_id": {order["id"]: [new], elsewhere["id"]: [old]},
        "customer_id": {order["customer_id"]: [new, old]},
        "business_unit_id": {stock.counter.unit: [new], unit: [old]},
        "under": {stock.counter.unit: [new], unit: [old]},
        "status": {"requested": [new], "approved": [old], "closed": []},
        "number": {new["number"]: [new], "none": []},
        "created_at__gte": {new["created_at"]: [new]},
        "created_at__lt": {new["created_at"]: [old]},
        "updated_at__gte": {new["updated_at"]: [new]},
        "updated_at__lt": {new["updated_at"]: [old]},
    }
    for name, values in expected.items():
        for value, returns in values.items():
            wanted = [one["id"] for one in returns]
            assert await found(stock.client, **{name: value}) == wanted, (name, value)


async def test_service_takes_back_what_its_unit_has_sold(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group = await grown(client, with_key)
    orders: dict[str, Any] = {}
    for unit in ("shanghai", "west"):
        body = {
            "customer_id": await group.customer(unit),
            "business_unit_id": group.units[unit],
            "lines": [line(quantity="3")],
            "status": "confirmed",
        }
        orders[unit] = await made(client, "/orders", body)
        await made(client, f"/orders/{orders[unit]['id']}/complete", None, 200)
    agent = await group.hire("service_agent")
    body = {"order_id": orders["shanghai"]["id"], "lines": some("1")}
    returned = await made(agent.client, "/returns", body)
    assert await agent.sees("/returns") == {returned["id"]}
    for verb, said in (("approve", None), ("receive", {})):
        place = f"/returns/{returned['id']}/{verb}"
        answer = await agent.client.post(place, json=said, headers=once())
        assert answer.status_code == 200, answer.text
    async with nothing_changes():
        hidden = {"order_id": orders["west"]["id"], "lines": some("1")}
        refused = await agent.client.post("/returns", json=hidden)
        assert wrong(refused) == [("/order_id", "unknown_reference")]
    finance = await group.hire("finance")
    assert await finance.sees("/returns") == {returned["id"]}
    async with nothing_changes():
        assert (await finance.client.post("/returns", json=body)).status_code == 403
