"""Who sees orders, changes them, and may make them: by reach, by unit, and of deals of others."""

from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import Unchanged, WithKey
from tests.features.conftest import Done
from tests.features.conftest import done as done
from tests.features.pipeline.selling import deal, money, pipeline
from tests.features.test_customers import refused
from tests.grouping import Group, Person, grown, ids, made

from .ordering import Json, line, wrong

UNITS = ("east", "shanghai", "hangzhou", "west")
SEES = {
    "own": set(),
    "team": set(),
    "unit": {"shanghai"},
    "subtree": {"shanghai"},
    "group": set(UNITS),
}


@pytest.fixture
async def group(client: AsyncClient, with_key: WithKey) -> Group:
    return await grown(client, with_key)


@pytest.fixture
async def sold(group: Group) -> dict[str, Json]:
    """An order of each unit, with a customer of all of them."""
    of = await group.customer(*UNITS)
    return {unit: await ordered(group, of, unit) for unit in UNITS}


async def ordered(group: Group, of: str, unit: str, **said: Any) -> Json:
    named = {"customer_id": of, "business_unit_id": group.units[unit]}
    return await made(group.admin, "/orders", {**named, "lines": [line()], **said})


async def seller(group: Group, reach: str, unit: str = "shanghai") -> Person:
    role = await group.role(
        ("customers:read", "group"),
        ("deals:read", reach),
        ("orders:read", reach),
        ("orders:write", reach),
        ("events:read", None),
        ("audit:read", None),
    )
    return await group.hire(role, unit)


async def told_of(house: House, person: Person) -> set[str]:
    """Of which orders events tell."""
    await Sequencer(house.pool).number_all()
    answer = await person.client.get("/events", params={"limit": 200, "type": "order.created"})
    assert answer.status_code == 200, answer.text
    return {event["object_id"] for event in answer.json()["data"]}


@pytest.mark.parametrize("reach", SEES)
async def test_a_reach_shows_orders_in_every_way_and_no_others(
    group: Group, sold: dict[str, Json], house: House, nothing_changes: Unchanged, reach: str
) -> None:
    person = await seller(group, reach)
    visible = {sold[unit]["id"] for unit in SEES[reach]}
    assert await person.sees("/orders") == visible
    assert ids(await person.client.post("/orders/search", json={})) == visible
    counted = await person.client.post("/orders/aggregate", json={"group_by": []})
    figures = [row["metrics"]["count"] for row in counted.json()["groups"]]
    assert sum(figures) == len(visible)
    assert await told_of(house, person) == visible
    for one in sold.values():
        place, there = f"/orders/{one['id']}", one["id"] in visible
        reads = [await person.client.get(f"{place}{path}") for path in ("", "/history")]
        assert {answer.status_code for answer in reads} == {200 if there else 404}
        if there:
            assert (await person.client.post(f"{place}/confirm")).status_code == 200
            continue
        async with nothing_changes():
            for answer in (
                await person.client.patch(place, json={"note": "B"}),
                await person.client.post(f"{place}/confirm"),
                await person.client.post(f"{place}/complete"),
                await person.client.post(f"{place}/cancel", json={"reason": "x"}),
            ):
                refused(answer, 404, "not-found")


async def test_whoever_reaches_his_own_makes_his_own(
    group: Group, nothing_changes: Unchanged
) -> None:
    one, other = [await group.hire("sales") for _ in range(2)]
    of = await group.customer("shanghai")
    await group.profile(of, "shanghai", owner_id=one.id)
    async with nothing_changes():
        for owner in (other.id, None):
            body = {"customer_id": of, "owner_id": owner}
            assert wrong(await one.client.post("/orders", json=body)) == [
                ("/owner_id", "not_yours")
            ]
        body = {"customer_id": of, "business_unit_id": group.units["hangzhou"]}
        assert wrong(await one.client.post("/orders", json=body)) == [
            ("/business_unit_id", "not_yours")
        ]
    order = await made(one.client, "/orders", {"customer_id": of})
    assert (order["owner_id"], order["business_unit_id"]) == (one.id, group.units["shanghai"])
    assert await one.sees("/orders") == {order["id"]}
    assert await other.sees("/orders") == set()


async def test_an_external_id_of_a_hidden_order_is_taken_and_tells_nothing(
    group: Group, nothing_changes: Unchanged
) -> None:
    of = await group.customer("shanghai", "west")
    hidden = await ordered(group, of, "west", external_ids={"shop": "1"})
    person = await seller(group, "unit")
    body = {"customer_id": of, "business_unit_id": group.units["shanghai"]}
    async with nothing_changes():
        answer = await person.client.patch("/orders/external/shop/1", json=body)
        problem = refused(answer, 409, "duplicate-value")
        item = {"external_id": "1", "data": body}
        batch = await person.client.post(
            "/orders/batch-upsert", json={"system": "shop", "items": [item]}
        )
        [outcome] = batch.json()["data"]
    assert (outcome["outcome"], outcome["problem"]["code"]) == ("failed", "duplicate-value")
    assert hidden["id"] not in f"{problem}{batch.text}"
    refused(await person.client.get("/orders/external/shop/1"), 404, "not-found")


async def test_an_order_is_made_of_deals_that_one_sees(
    group: Group, nothing_changes: Unchanged
) -> None:
    await pipeline(group.admin)
    one, other = [await group.hire("sales") for _ in range(2)]
    of = await group.customer("shanghai", "west")
    await group.profile(of, "shanghai", owner_id=one.id)
    products = [{"name": "Machine", "unit_price": money("10")}]
    shared = {"owner_id": other.id, "collaborator_ids": [one.id], "products": products}
    theirs = await deal(group.admin, of, group.units["west"])
    ours = await deal(group.admin, of, group.units["shanghai"], **shared)
    async with nothing_changes():
        hidden = await one.client.post("/orders", json={"deal_id": theirs["id"]})
        missing = await one.client.post("/orders", json={"deal_id": f"dea_{'f' * 32}"})
        assert wrong(hidden) == wrong(missing) == [("/deal_id", "unknown_reference")]
    body = {"deal_id": ours["id"], "owner_id": one.id}
    order = await made(one.client, "/orders", body)
    assert (order["owner_id"], order["total"]) == (one.id, money("10.00"))


async def test_who_leaves_hands_his_open_orders_to_others(group: Group, done: Done) -> None:
    gone, heir = [await group.hire("sales") for _ in range(2)]
    of, orders = await group.customer("shanghai"), dict[str, Json]()
    for verb in ("draft", "confirm", "complete", "cancel"):
        said = {"owner_id": gone.id, "status": "draft" if verb == "draft" else "confirmed"}
        orders[verb] = await ordered(group, of, "shanghai", **said)
    await made(group.admin, f"/orders/{orders['complete']['id']}/complete", None, 200)
    await made(group.admin, f"/orders/{orders['cancel']['id']}/cancel", {"reason": "x"}, 200)
    rules = {"rules": [{"to_user_id": heir.id}]}
    await done(group.admin, await group.admin.post(f"/users/{gone.id}/handover", json=rules))
    expected = {"draft": heir, "confirm": heir, "complete": gone, "cancel": gone}
    for verb, order in orders.items():
        now = (await group.admin.get(f"/orders/{order['id']}")).json()
        assert now["owner_id"] == expected[verb].id
