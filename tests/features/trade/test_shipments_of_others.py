"""Shipments as a warehouse system knows them, and who sees them."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.features.catalogue.shelf import listed
from tests.grouping import Group, grown, ids, made

from .conftest import Told, Warehouse
from .fulfilling import once, some
from .ordering import Json, line, wrong
from .test_orders import types


def item(value: str, **said: Any) -> Json:
    return {"external_id": value, "data": said}


async def test_a_warehouse_makes_and_changes_a_shipment_by_its_own_id(
    stock: Warehouse, told: Told, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    said: Json = {"order_id": order["id"], "lines": some("2"), "status": "ready"}
    made = await stock.upsert("1", **said)
    assert made.status_code == 201, made.text
    assert made.json()["external_ids"] == {"wms": "1"}
    async with nothing_changes():
        again = await stock.upsert("1", **said)
        assert (again.status_code, again.content) == (200, made.content)
    changed = (await stock.upsert("1", carrier="SF", lines=some("1"))).json()
    assert (changed["carrier"], changed["lines"]) == ("SF", some("1"))
    sent = await stock.acted(changed, "ship")
    async with nothing_changes():
        assert (await stock.upsert("1", status="ready", carrier="SF")).json() == sent
    read = await stock.client.get("/shipments/external/wms/1")
    assert read.json() == sent
    assert types(await told(sent)) == [
        f"shipment.{step}" for step in ("created", "readied", "updated", "shipped")
    ]


async def test_what_its_system_says_has_the_limits_of_what_people_say(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order, other = await stock.order("3"), await stock.order("3")
    async with nothing_changes():
        assert wrong(await stock.upsert("1", carrier="SF")) == [("/order_id", "missing")]
        much = await stock.upsert("1", order_id=order["id"], lines=some("4"))
        assert wrong(much) == [("/lines/0/quantity", "too_much")]
    shipment = (await stock.upsert("1", order_id=order["id"])).json()
    async with nothing_changes():
        moved = await stock.upsert("1", order_id=other["id"], number="WMS-1")
        told = [("/order_id", "shipment_settled"), ("/number", "shipment_settled")]
        assert wrong(moved, 409) == told
        much = await stock.upsert("1", lines=some("4"))
        assert wrong(much) == [("/lines/0/quantity", "too_much")]
        absent = await stock.client.patch(
            "/shipments/external/wms/2", json={}, params={"if_missing": "fail"}
        )
        assert absent.status_code == 404
    renamed = await stock.put(shipment, external_ids={"wms": "7"})
    assert renamed.json()["external_id_aliases"] == [{"system": "wms", "value": "1"}]
    assert (await stock.client.get("/shipments/external/wms/1")).json() == renamed.json()


async def test_many_shipments_come_at_once_and_a_bad_one_costs_itself(stock: Warehouse) -> None:
    order, other = await stock.order("3"), await stock.order("5")
    await stock.upsert("1", order_id=order["id"], lines=some("1"))
    items = [
        item("1", carrier="SF"),
        item("2", order_id=other["id"], lines=some("5"), status="ready"),
        item("3", order_id=order["id"], lines=some("4")),
        item("4", lines=some("1")),
        item("5", order_id=order["id"]),
    ]
    answer = await stock.batch(*items)
    assert answer.status_code == 207
    outcomes = answer.json()["data"]
    assert [one["outcome"] for one in outcomes] == [
        *("updated", "created", "failed", "failed", "created")
    ]
    pointers = [one["problem"]["errors"][0]["pointer"] for one in outcomes[2:4]]
    assert pointers == ["/data/lines/0/quantity", "/data/order_id"]
    numbers = [one["number"] for one in await listed(stock.client, "/shipments", sort="created_at")]
    assert len(numbers) == len(set(numbers)) == 3
    again = await stock.batch(*items[:2], items[4])
    assert [one["outcome"] for one in again.json()["data"]] == 3 * ["unchanged"]


async def test_a_batch_that_must_be_whole_is_whole_or_nothing(
    stock: Warehouse, nothing_changes: Unchanged
) -> None:
    order = await stock.order("3")
    items = item("1", order_id=order["id"]), item("2", order_id=order["id"], lines=some("4"))
    async with nothing_changes():
        assert (await stock.batch(*items, atomic=True)).status_code == 422


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


async def order_of(group: Group, unit: str, **said: Any) -> Json:
    body = {
        "customer_id": await group.customer(unit),
        "business_unit_id": group.units[unit],
        "lines": [line(quantity="3")],
        "status": "confirmed",
        **said,
    }
    return await made(group.admin, "/orders", body)


async def test_units_see_and_send_what_is_of_their_orders(
    group: Group, nothing_changes: Unchanged
) -> None:
    here, there = await order_of(group, "shanghai"), await order_of(group, "west")
    ours, theirs = [
        await made(group.admin, "/shipments", {"order_id": one["id"], "status": "ready"})
        for one in (here, there)
    ]
    manager = await group.hire("unit_manager", "east")
    assert await manager.sees("/shipments") == {ours["id"]}
    async with nothing_changes():
        hidden = await manager.client.post(f"/shipments/{theirs['id']}/ship", headers=once())
        assert hidden.status_code == 404
        refused = await manager.client.post("/shipments", json={"order_id": there["id"]})
        assert wrong(refused) == [("/order_id", "unknown_reference")]
    shipped = await manager.client.post(f"/shipments/{ours['id']}/ship", headers=once())
    assert shipped.json()["status"] == "shipped"


async def test_who_sells_sees_and_sends_what_is_of_his_own_orders(
    group: Group, nothing_changes: Unchanged
) -> None:
    seller = await group.hire("sales")
    mine = await order_of(group, "shanghai", owner_id=seller.id)
    others = await order_of(group, "shanghai")
    body = {"order_id": others["id"]}
    hidden = await made(group.admin, "/shipments", body)
    created = await made(seller.client, "/shipments", {"order_id": mine["id"]})
    assert await seller.sees("/shipments") == {created["id"]}
    async with nothing_changes():
        refused = await seller.client.post("/shipments", json=body)
        assert wrong(refused) == [("/order_id", "unknown_reference")]
        assert (await seller.client.get(f"/shipments/{hidden['id']}")).status_code == 404
    place = f"/orders/{mine['id']}"
    assert (await group.admin.patch(place, json={"owner_id": None})).status_code == 200
    assert await seller.sees("/shipments") == set()


async def test_who_reaches_an_order_and_not_its_shipments_makes_none(
    group: Group, nothing_changes: Unchanged
) -> None:
    role = await group.role(
        ("orders:read", "unit"), ("shipments:read", "unit"), ("shipments:write", "own")
    )
    looker, order = await group.hire(role), await order_of(group, "shanghai")
    shipment = await made(group.admin, "/shipments", {"order_id": order["id"]})
    async with nothing_changes():
        refused = await looker.client.post("/shipments", json={"order_id": order["id"]})
        assert wrong(refused, 403) == [("/order_id", "not_yours")]
        seen = await looker.client.post(f"/shipments/{shipment['id']}/cancel")
        assert seen.status_code == 403
    unread = await group.hire(await group.role(("shipments:write", "unit")))
    async with nothing_changes():
        refused = await unread.client.post("/shipments", json={"order_id": order["id"]})
        assert wrong(refused) == [("/order_id", "unknown_reference")]


async def test_service_looks_at_shipments_and_finance_at_both(
    group: Group, nothing_changes: Unchanged
) -> None:
    order = await order_of(group, "shanghai")
    shipment = await made(group.admin, "/shipments", {"order_id": order["id"], "status": "ready"})
    for role in ("service_agent", "finance"):
        person = await group.hire(role)
        assert ids(await person.client.get("/shipments")) == {shipment["id"]}
        assert ids(await person.client.get("/returns")) == set()
        async with nothing_changes():
            refused = await person.client.post(f"/shipments/{shipment['id']}/cancel")
            assert refused.status_code == 403
