"""Whose receipts are whose, and who learns of which orders."""

from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.features.conftest import Done
from tests.features.pipeline.selling import money, wrong
from tests.features.trade.ordering import Counter, line
from tests.grouping import Group, Person, grown, made

from .till import Till, once, part

CUSTOMERS = ("customers:read", "unit")


async def _people(client: AsyncClient, with_key: WithKey) -> tuple[Group, Till, Person, Person]:
    """Somebody who keeps the accounts of the east, and somebody who sells in Shanghai."""
    group = await grown(client, with_key)
    clerk, seller = await group.hire("finance", "east"), await group.hire("sales")
    of = await group.customer("shanghai")
    return group, Till(Counter(clerk.client, of, group.units["shanghai"])), clerk, seller


async def test_receipts_are_seen_by_those_whose_they_are(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group, till, clerk, seller = await _people(client, with_key)
    others = await group.hire("finance", "west")
    own = await till.receipt(handler_id=seller.id)
    other = await till.receipt()
    assert await clerk.sees("/receipts") == {own["id"], other["id"]}
    assert await seller.sees("/receipts") == {own["id"]}
    assert await others.sees("/receipts") == set()
    async with nothing_changes():
        for person in (seller, others):
            assert (await person.client.get(f"/receipts/{other['id']}")).status_code == 404
        mine = f"/receipts/{own['id']}"
        assert (await seller.client.patch(mine, json={"note": "?"})).status_code == 403
        refused = await others.client.post(f"{mine}/reverse", json={"reason": "?"}, headers=once())
        assert refused.status_code == 404


async def test_an_order_that_one_does_not_see_is_not_there_to_be_paid(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group, till, _, _ = await _people(client, with_key)
    hidden = {
        "customer_id": till.ordering.customer,
        "business_unit_id": group.units["west"],
        "lines": [line()],
        "status": "confirmed",
    }
    order, receipt = await made(client, "/orders", hidden), await till.receipt()
    async with nothing_changes():
        for answer in (
            await till.allocate(receipt, part(order, "1")),
            await till.send(allocations=[part(order, "1")]),
        ):
            assert wrong(answer) == [("/allocations/0/order_id", "unknown_reference")]
    place = f"/receipts/{receipt['id']}/allocate"
    body = {"allocations": [part(order, "10")]}
    paid = await client.post(place, json=body, headers=once())
    assert paid.status_code == 200, paid.text
    await till.acted(receipt, "reverse", reason="Bounced")
    assert (await client.get(f"/orders/{order['id']}")).json()["paid"] == money("0.00")


async def test_drafts_are_handed_over_and_what_is_confirmed_stays(
    client: AsyncClient, with_key: WithKey, done: Done
) -> None:
    group, till, _, seller = await _people(client, with_key)
    heir = await group.hire("sales")
    draft = await till.receipt(status="draft", handler_id=seller.id)
    confirmed = await till.receipt(handler_id=seller.id)
    rules = {"rules": [{"to_user_id": heir.id}]}
    job = await done(client, await client.post(f"/users/{seller.id}/handover", json=rules))
    assert job["state"] == "succeeded"
    assert (await till.now(draft))["handler_id"] == heir.id
    assert (await till.now(confirmed))["handler_id"] == seller.id


async def test_whoever_reaches_his_own_receipts_writes_his_own(
    client: AsyncClient, with_key: WithKey, nothing_changes: Unchanged
) -> None:
    group = await grown(client, with_key)
    role = await group.role(("receipts:write", "own"), ("receipts:read", "own"), CUSTOMERS)
    cashier = await group.hire(role)
    till = Till(Counter(cashier.client, await group.customer("shanghai"), group.units["shanghai"]))
    own = await till.receipt()
    assert own["handler_id"] == cashier.id
    async with nothing_changes():
        assert wrong(await till.send(handler_id=None)) == [("/handler_id", "not_yours")]
