"""Shipments: what is sent of an order, how far it is, and what the customer says of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.catalogue.shelf import listed
from tests.grouping import made

from .conftest import Told, Warehouse
from .fulfilling import moved, some
from .ordering import Json, line, wrong
from .test_orders import types

NOBODY = "f" * 32
ADDRESS = {"country": "CN", "city": "上海"}


def told_at(n: int, **said: Any) -> Json:
    return {"at": f"2026-03-01T08:{n // 60:02}:{n % 60:02}.000Z", "code": "in_transit", **said}


def known(told: Json) -> Json:
    return {"description": None, "location": None, **told}


async def found(client: AsyncClient, **asked: str) -> list[str]:
    return [one["id"] for one in await listed(client, "/shipments", **asked)]


async def test_a_shipment_is_answered_as_it_was_said(stock: Warehouse) -> None:
    order = await stock.order("3", "5")
    said: Json = {
        "number": "WMS-1",
        "carrier": "SF",
        "tracking_number": "SF1020",
        "tracking_url": "https://tracking.example/SF1020",
        "planned_on": "2026-12-01",
        "note": "Fragile",
        "external_ids": {"wms": "1"},
    }
    created = await stock.plan(order, "2", "0.50", shipping_address=ADDRESS, **said)
    assert created.status_code == 201, created.text
    shipment = created.json()
    assert shipment == shipment | said | {
        "object": "shipment",
        "order_id": order["id"],
        "customer_id": order["customer_id"],
        "business_unit_id": order["business_unit_id"],
        "status": "draft",
        "lines": some("2", "0.5"),
        "tracking_events": [],
        "shipped_at": None,
    }
    assert shipment["shipping_address"] == shipment["shipping_address"] | ADDRESS
    place = f"/shipments/{shipment['id']}"
    assert (await stock.client.get(place)).content == created.content
    assert (await stock.client.get("/shipments/external/wms/1")).content == created.content


async def test_a_shipment_has_all_that_is_left_and_goes_where_the_order_says(
    stock: Warehouse,
) -> None:
    service = line(kind="service")
    order = await stock.counter.order(
        *(line(quantity="3"), service, line(quantity="5")),
        status="confirmed",
        shipping_address=ADDRESS,
    )
    parts = [{"line": 1, "quantity": "3"}, {"line": 3, "quantity": "1"}]
    await stock.sent(order, lines=parts)
    rest = (await stock.plan(order)).json()
    assert rest["lines"] == [{"line": 3, "quantity": "4"}]
    assert rest["shipping_address"] == order["shipping_address"]
    nowhere = (await stock.plan(order, shipping_address=None)).json()
    assert nowhere["shipping_address"] is None


async def test_the_order_and_the_customer_stand_beside_a_shipment(stock: Warehouse) -> None:
    order = await stock.order()
    shipment = await stock.planned(order)
    asked = {"expand": ["order", "customer"]}
    read = (await stock.client.get(f"/shipments/{shipment['id']}", params=asked)).json()
    assert read["order"] == order
    assert read["customer"]["id"] == order["customer_id"]
    [one] = (await stock.client.get("/shipments", params=asked)).json()["data"]
    assert one == read


async def test_a_shipment_goes_its_way_and_each_step_is_told(stock: Warehouse, told: Told) -> None:
    order = await stock.order("3")
    shipment = (await stock.plan(order, "2")).json()
    for verb, body in (("ready", None), ("ship", None), ("deliver", None)):
        shipment = await stock.acted(shipment, verb, body)
    said: Json = {"accepted_by": "王芳", "accepted_on": "2026-12-05", "note": "One scratch"}
    shipment = await stock.acted(shipment, "accept", said)
    assert shipment["status"] == "accepted"
    assert (shipment["accepted_by"], shipment["accepted_on"]) == ("王芳", "2026-12-05")
    assert shipment["acceptance_note"] == "One scratch"
    times = [shipment[name] for name in ("shipped_at", "delivered_at", "accepted_at")]
    assert all(times)
    assert times == sorted(times)
    steps = ["created", "readied", "shipped", "delivered", "accepted"]
    assert types(await told(shipment)) == [f"shipment.{step}" for step in steps]
    order = await stock.counter.now(order)
    assert (order["status"], order["shipment_status"]) == ("in_progress", "partial")
    assert moved(order) == [("2", "0")]
    assert types(await told(order))[-1] == "order.shipment_changed"


async def test_a_shipment_is_accepted_today_where_the_unit_is(stock: Warehouse) -> None:
    zone = "Pacific/Kiritimati"
    place = f"/business-units/{stock.counter.unit}"
    assert (await stock.client.patch(place, json={"time_zone": zone})).status_code == 200
    shipment = await stock.sent(await stock.order())
    accepted = await stock.acted(await stock.acted(shipment, "deliver"), "accept", {})
    at = datetime.fromisoformat(accepted["accepted_at"])
    assert accepted["accepted_on"] == str(at.astimezone(ZoneInfo(zone)).date())
    assert accepted["accepted_by"] is None


async def test_what_could_not_be_delivered_is_shipped_no_more_and_may_go_again(
    stock: Warehouse, told: Told
) -> None:
    order = await stock.order("3")
    failed = await stock.acted(await stock.sent(order, "3"), "fail", {"reason": "Nobody was there"})
    assert (failed["status"], failed["failure_reason"]) == ("failed", "Nobody was there")
    assert failed["failed_at"]
    assert moved(await stock.counter.now(order)) == [("0", "0")]
    ready = await stock.acted(failed, "ready")
    assert (ready["shipped_at"], ready["failed_at"]) == (None, failed["failed_at"])
    assert (await stock.acted(ready, "ship"))["shipped_at"]
    assert (await stock.counter.now(order))["shipment_status"] == "full"
    assert types(await told(order))[-3:] == 3 * ["order.shipment_changed"]


async def test_what_was_refused_stays_with_the_customer_until_it_is_returned(
    stock: Warehouse,
) -> None:
    order = await stock.order("3")
    delivered = await stock.acted(await stock.sent(order), "deliver")
    refused = await stock.acted(delivered, "refuse", {"reason": "Another model"})
    assert (refused["status"], refused["refusal_reason"]) == ("refused", "Another model")
    assert refused["refused_at"]
    assert moved(await stock.counter.now(order)) == [("3", "0")]


UNFIT: list[tuple[list[Json], str, str]] = [
    (some("4"), "/lines/0/quantity", "too_much"),
    (some("1", "5.001"), "/lines/1/quantity", "too_much"),
    ([*some("3"), {"line": 7, "quantity": "1"}], "/lines/1/line", "unknown_line"),
    ([{"line": 3, "quantity": "1"}], "/lines/0/line", "unknown_line"),
    ([*some("1"), *some("1")], "/lines", "line_repeated"),
    (some("0"), "/lines/0/quantity", "string_pattern_mismatch"),
    (some("0.000"), "/lines/0/quantity", "string_pattern_mismatch"),
    (some("-1"), "/lines/0/quantity", "string_pattern_mismatch"),
    ([], "/lines", "too_short"),
]


@pytest.mark.parametrize(("lines", "pointer", "code"), UNFIT)
async def test_more_than_is_left_is_not_planned(
    stock: Warehouse, nothing_changes: Unchanged, lines: list[Json], pointer: str, code: str
) -> None:
    ordered = line(quantity="3"), line(quantity="5"), line(kind="service")
    order = await stock.counter.order(*ordered, status="confirmed")
    draft = (await stock.plan(order, "1")).json()
    async with nothing_changes():
        refused = await stock.plan(order, lines=lines)
        assert wrong(refused) == [(pointer, code)]
        assert wrong(await stock.put(draft, lines=lines)) == [(pointer, code)]


async def test_what_was_planned_twice_is_shipped_once(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3", "5")
    one, two = [await stock.planned(order, "3", "1") for _ in range(2)]
    await stock.acted(one, "ship")
    async with nothing_changes():
        refused = await stock.act(two, "ship")
        assert wrong(refused) == [("/lines/0/quantity", "too_much")]
    changed = (await stock.put(two, lines=[{"line": 2, "quantity": "4"}])).json()
    await stock.acted(changed, "ship")
    assert moved(await stock.counter.now(order)) == [("3", "0"), ("5", "0")]
    async with nothing_changes():
        refused = await stock.plan(order)
        assert wrong(refused, 409) == [("/order_id", "nothing_left")]


async def test_shipping_asks_for_an_idempotency_key_and_happens_once(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    shipment = await stock.planned(order, "1")
    place, key = f"/shipments/{shipment['id']}/ship", {"Idempotency-Key": "ship-1"}
    async with nothing_changes():
        refused = await stock.client.post(place)
        assert refused.json()["code"] == "idempotency-key-required"
    first = await stock.client.post(place, headers=key)
    async with nothing_changes():
        again = await stock.client.post(place, headers=key)
        assert again.content == first.content
    assert moved(await stock.counter.now(order)) == [("1", "0")]


@pytest.mark.parametrize("status", ["draft", "cancelled"])
async def test_nothing_is_sent_of_an_order_that_is_not_under_way(
    stock: Warehouse, nothing_changes: Unchanged, status: str
) -> None:
    order = await stock.order("3", status="draft")
    if status == "cancelled":
        await stock.counter.acted(order, "cancel", reason="Ordered twice")
    async with nothing_changes():
        refused = await stock.plan(order)
        assert wrong(refused, 409) == [("/order_id", "order_not_under_way")]


async def test_an_order_that_is_not_there_ships_nothing(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        refused = await stock.plan({"id": f"ord_{NOBODY}"})
        assert wrong(refused) == [("/order_id", "unknown_reference")]


async def test_what_has_not_left_is_cancelled_with_its_order(stock: Warehouse, told: Told) -> None:
    order = await stock.order("3")
    draft, ready = (await stock.plan(order, "1")).json(), await stock.planned(order, "1")
    failed = await stock.acted(await stock.sent(order, "1"), "fail", {"reason": "Lost"})
    gone = await stock.acted(await stock.planned(order), "cancel")
    await stock.counter.acted(order, "cancel", reason="Ordered twice")
    for shipment in (draft, ready):
        after = await stock.now(shipment)
        assert after["status"] == "cancelled"
        assert after["cancelled_at"]
        assert types(await told(shipment))[-1] == "shipment.cancelled"
    assert await stock.now(gone) == gone
    assert await stock.now(failed) == failed
    refused = await stock.act(failed, "ready")
    assert wrong(refused, 409) == [("/order_id", "order_not_under_way")]


async def test_what_has_left_stays_what_left(stock: Warehouse, nothing_changes: Unchanged) -> None:
    shipment = await stock.sent(await stock.order("3"), "2")
    fixed: Json = {
        "lines": some("1"),
        "shipping_address": ADDRESS,
        "planned_on": "2026-12-01",
    }
    async with nothing_changes():
        refused = await stock.put(shipment, **fixed)
        assert wrong(refused, 409) == [(f"/{name}", "shipment_settled") for name in fixed]
    said: Json = {
        "carrier": "EMS",
        "tracking_number": "E1",
        "tracking_url": "https://ems.example/E1",
        "note": "Second van",
    }
    after = (await stock.put(shipment, lines=some("2.000"), **said)).json()
    assert after == shipment | said | {"version": 3, "updated_at": after["updated_at"]}


async def test_a_web_address_of_a_carrier_is_one_of_https(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    shipment = await stock.planned(await stock.order())
    async with nothing_changes():
        for url in ("http://ems.example/1", "javascript:alert(1)", "https://a b", "https://"):
            refused = await stock.put(shipment, tracking_url=url)
            assert wrong(refused) == [("/tracking_url", "string_pattern_mismatch")]


async def test_who_has_not_seen_a_shipment_as_it_is_changes_nothing(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    shipment = await stock.planned(order)
    await stock.put(shipment, note="Seen by nobody")
    said = {"If-Match": f'"{shipment["version"]}"', "Idempotency-Key": "1"}
    async with nothing_changes():
        for verb in ("ship", "cancel"):
            place = f"/shipments/{shipment['id']}/{verb}"
            assert (await stock.client.post(place, headers=said)).status_code == 412


async def test_what_a_carrier_tells_is_known_once_in_the_order_of_its_times(
    stock: Warehouse, told: Told, nothing_changes: Unchanged
) -> None:
    shipment = await stock.sent(await stock.order())
    first, last = told_at(1, location="上海"), told_at(9, code="delivered")
    await stock.acted(shipment, "track", {"events": [last, first]})
    other = told_at(1, location="Somewhere else")
    between = told_at(5, description="In the van")
    after = await stock.acted(shipment, "track", {"events": [other, between, between]})
    assert after["tracking_events"] == [known(one) for one in (first, between, last)]
    async with nothing_changes():
        again = await stock.acted(shipment, "track", {"events": [first, last]})
        assert again["version"] == after["version"]
    assert types(await told(shipment))[-2:] == 2 * ["shipment.tracked"]


async def test_a_shipment_is_not_tracked_for_ever(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    shipment = await stock.planned(await stock.order())
    for start in range(0, 200, 50):
        told = [told_at(n) for n in range(start, start + 50)]
        after = await stock.acted(shipment, "track", {"events": told})
    assert len(after["tracking_events"]) == 200
    async with nothing_changes():
        refused = await stock.act(shipment, "track", {"events": [told_at(200)]})
        assert wrong(refused) == [("/events", "too_long")]
        refused = await stock.act(shipment, "track", {"events": 51 * [told_at(1)]})
        assert wrong(refused) == [("/events", "too_long")]


async def test_numbers_follow_one_another_and_are_not_given_twice(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    first, second = [await stock.planned(order, "1") for _ in range(2)]
    assert first["number"].startswith("SH")
    assert int(second["number"][-4:]) == int(first["number"][-4:]) + 1
    async with nothing_changes():
        refused = await stock.plan(order, "1", number=first["number"])
        assert wrong(refused, 409) == [("/number", "duplicate_value")]
    third, fourth = [f"{first['number'][:-4]}{n:04}" for n in (3, 4)]
    by_hand = await stock.planned(order, "1", number=third)
    assert by_hand["number"] == third
    assert (await stock.planned(order, "1"))["number"] == fourth


async def test_shipments_are_listed_by_what_they_are_of_and_how_far_they_are(
    stock: Warehouse,
) -> None:
    other = await made(stock.client, "/business-units", {"name": "West", "kind": "shop"})
    order, elsewhere = (
        await stock.order("3"),
        await stock.order("3", business_unit_id=other["id"]),
    )
    draft = (await stock.plan(elsewhere, carrier="EMS", tracking_number="E1")).json()
    sent = await stock.sent(order, "1", carrier="SF")
    expected: dict[str, dict[str, list[Json]]] = {
        "order_id": {order["id"]: [sent], elsewhere["id"]: [draft]},
        "customer_id": {order["customer_id"]: [sent, draft]},
        "business_unit_id": {stock.counter.unit: [sent], other["id"]: [draft]},
        "under": {stock.counter.unit: [sent], other["id"]: [draft]},
        "status": {"draft": [draft], "shipped": [sent], "failed": []},
        "carrier": {"EMS": [draft], "SF": [sent]},
        "tracking_number": {"E1": [draft], "E2": []},
        "number": {draft["number"]: [draft]},
        "shipped_at__gte": {sent["shipped_at"]: [sent]},
        "shipped_at__lt": {sent["shipped_at"]: []},
        "created_at__gte": {sent["created_at"]: [sent]},
        "created_at__lt": {sent["created_at"]: [draft]},
        "updated_at__gt": {draft["updated_at"]: [sent]},
        "updated_at__lt": {sent["updated_at"]: [draft]},
    }
    for name, values in expected.items():
        for value, shipments in values.items():
            wanted = [shipment["id"] for shipment in shipments]
            assert await found(stock.client, **{name: value}) == wanted, (name, value)
