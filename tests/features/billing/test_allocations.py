"""What receipts pay for, and what orders learn of it."""

from typing import Any

import pytest
from asyncpg import Connection as Admin
from asyncpg import PostgresError

from tests.conftest import Unchanged
from tests.features.catalogue.shelf import listed
from tests.features.pipeline.selling import customer, money, wrong
from tests.features.trade.conftest import Told
from tests.features.trade.ordering import line

from .test_receipts import types
from .till import Till, once, part


async def test_an_order_is_paid_step_by_step_and_not_paid_any_more(till: Till) -> None:
    order = await till.order("100")
    assert await till.payment(order) == ("none", "0.00")
    first = await till.receipt("30", part(order, "30"))
    assert await till.payment(order) == ("partial", "30.00")
    second = await till.receipt("200")
    second = await till.allocated(second, part(order, "70"))
    assert await till.payment(order) == ("full", "100.00")
    assert (second["allocated"], second["unallocated"]) == (money("70.00"), money("130.00"))
    assert second["allocations"] == [part(order, "70.00")]
    revised = await till.ordering.put(await till.ordering.now(order), lines=[line("90")])
    assert revised.json()["payment_status"] == "over"
    taken = await till.acted(second, "deallocate", order_ids=[order["id"]])
    assert (taken["allocations"], taken["unallocated"]) == ([], money("200.00"))
    assert await till.payment(order) == ("partial", "30.00")
    await till.acted(first, "reverse", reason="Bounced")
    assert await till.payment(order) == ("none", "0.00")


async def test_a_draft_pays_for_nothing_until_it_is_confirmed(till: Till, told: Told) -> None:
    orders = [await till.order("40") for _ in range(2)]
    paid = [part(orders[0], "40"), part(orders[1], "10")]
    draft = await till.receipt("60", *paid, status="draft")
    assert draft["allocated"] == money("50.00")
    assert [await till.payment(order) for order in orders] == [("none", "0.00")] * 2
    confirmed = await till.acted(draft, "confirm")
    assert confirmed["confirmed_at"] == confirmed["updated_at"]
    assert (confirmed["allocated"], confirmed["unallocated"]) == (money("50.00"), money("10.00"))
    assert await till.payment(orders[0]) == ("full", "40.00")
    assert await till.payment(orders[1]) == ("partial", "10.00")
    assert types(await told(draft)) == ["receipt.created", "receipt.confirmed"]
    assert types(await told(orders[0]))[-1] == "order.payment_changed"


async def test_what_is_allocated_to_an_order_adds_up(till: Till, told: Told) -> None:
    order, other = await till.order("100"), await till.order("100")
    receipt = await till.receipt("100", part(order, "10"))
    receipt = await till.allocated(receipt, part(order, "5.5"), part(other, "20"))
    assert receipt["allocations"] == [part(order, "15.50"), part(other, "20.00")]
    assert receipt["allocated"] == money("35.50")
    assert await till.payment(order) == ("partial", "15.50")
    receipt = await till.acted(receipt, "deallocate", order_ids=[order["id"], f"ord_{'f' * 32}"])
    assert receipt["allocations"] == [part(other, "20.00")]
    found = await listed(till.client, "/receipts", order_id=order["id"])
    assert found == []
    records = await told(receipt)
    assert types(records) == [
        "receipt.created",
        "receipt.confirmed",
        "receipt.allocated",
        "receipt.deallocated",
    ]
    assert records[2]["changes"]["allocated"]["new"] == money("35.50")


async def test_what_was_not_allocated_is_not_taken_off(till: Till) -> None:
    order, receipt = await till.order(), await till.receipt()
    same = await till.acted(receipt, "deallocate", order_ids=[order["id"]])
    assert same == receipt


async def test_no_more_is_allocated_than_came_in(till: Till, nothing_changes: Unchanged) -> None:
    order, other = await till.order("500"), await till.order("500")
    receipt = await till.receipt("100", part(order, "60"))
    async with nothing_changes():
        for paid in ([part(order, "40.01")], [part(other, "20"), part(order, "20.01")]):
            refused = await till.allocate(receipt, *paid)
            assert wrong(refused) == [(f"/allocations/{len(paid) - 1}/amount", "more_than_left")]
        refused = await till.send("10", allocations=[part(order, "10.01")])
        assert wrong(refused) == [("/allocations/0/amount", "more_than_left")]
    draft = await till.receipt("10", part(order, "10"), status="draft")
    async with nothing_changes():
        for amount in (money("9.99"), money("10", "EUR")):
            refused = await till.put(draft, amount=amount)
            assert wrong(refused) == [("/amount", "less_than_allocated")]


async def test_no_order_is_paid_more_than_is_due(till: Till, nothing_changes: Unchanged) -> None:
    order, other = await till.order("100"), await till.order("100")
    receipt = await till.receipt("500", part(order, "60"))
    async with nothing_changes():
        refused = await till.allocate(receipt, part(other, "100.01"), part(order, "40.01"))
        assert wrong(refused) == [
            ("/allocations/0/amount", "more_than_due"),
            ("/allocations/1/amount", "more_than_due"),
        ]
        assert "40.00" in refused.text
        at_once = await till.send("500", status="confirmed", allocations=[part(order, "41")])
        assert wrong(at_once) == [("/allocations/0/amount", "more_than_due")]
    paid = await till.allocated(receipt, part(other, "100"), part(order, "40"))
    assert paid["unallocated"] == money("300.00")
    await till.ordering.put(await till.ordering.now(order), lines=[line("50")])
    assert await till.payment(order) == ("over", "100.00")
    async with nothing_changes():
        refused = await till.allocate(paid, part(order, "1"))
        assert wrong(refused) == [("/allocations/0/amount", "more_than_due")]


async def test_each_order_is_named_once(till: Till, nothing_changes: Unchanged) -> None:
    order, receipt = await till.order(), await till.receipt()
    async with nothing_changes():
        twice = await till.allocate(receipt, part(order, "1"), part(order, "2"))
        assert wrong(twice) == [("/allocations", "order_repeated")]
        nothing = await till.allocate(receipt, part(order, "0"))
        assert wrong(nothing) == [("/allocations/0/amount", "amount_not_positive")]
        assert wrong(await till.allocate(receipt)) == [("/allocations", "too_short")]


async def test_a_customer_does_not_pay_for_another(till: Till, nothing_changes: Unchanged) -> None:
    receipt, other = await till.receipt(), await customer(till.client, "Another")
    foreign = await till.order(customer_id=other)
    mine = await till.order()
    async with nothing_changes():
        refused = await till.allocate(receipt, part(mine, "1"), part(foreign, "1"))
        assert wrong(refused) == [("/allocations/1/order_id", "other_customer")]
    draft = await till.receipt("10", part(foreign, "10"), status="draft")
    async with nothing_changes():
        refused = await till.act(draft, "confirm")
        assert wrong(refused) == [("/allocations/0/order_id", "other_customer")]


async def test_a_receipt_pays_in_its_own_currency(till: Till, nothing_changes: Unchanged) -> None:
    receipt = await till.receipt()
    order, foreign = await till.order(), await till.order(currency="EUR")
    async with nothing_changes():
        refused = await till.allocate(receipt, part(order, "1"), part(foreign, "1"))
        assert wrong(refused) == [("/allocations/1/order_id", "other_currency")]
        refused = await till.allocate(receipt, part(order, "1"), part(foreign, "1", "EUR"))
        assert wrong(refused) == [("/allocations/1/amount/currency", "other_currency")]


async def test_only_an_order_that_is_under_way_is_paid(
    till: Till, nothing_changes: Unchanged
) -> None:
    receipt, draft = await till.receipt(), await till.ordering.order(line())
    paid, done = await till.order(), await till.order()
    cancelled = await till.ordering.acted(await till.order(), "cancel", reason="No stock")
    async with nothing_changes():
        for order in (draft, cancelled):
            refused = await till.allocate(receipt, part(paid, "1"), part(order, "1"))
            assert wrong(refused, 409) == [("/allocations/1/order_id", "order_not_under_way")]
    await till.ordering.acted(done, "complete")
    await till.allocated(receipt, part(done, "50"), part(paid, "50"))
    await till.ordering.acted(paid, "cancel", reason="No stock")
    taken = await till.acted(receipt, "deallocate", order_ids=[paid["id"]])
    assert taken["unallocated"] == money("50.00")
    assert (await till.ordering.now(paid))["paid"] == money("0.00")


async def test_only_money_that_is_there_pays(till: Till, nothing_changes: Unchanged) -> None:
    order = await till.order()
    draft = await till.receipt(status="draft")
    gone = await till.acted(await till.receipt(), "reverse", reason="Bounced")
    reversal = await till.now({"id": gone["reversed_by_id"]})
    async with nothing_changes():
        for receipt in (draft, gone):
            refused = await till.allocate(receipt, part(order, "1"))
            assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
            refused = await till.act(receipt, "deallocate", order_ids=[order["id"]])
            assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        refused = await till.allocate(reversal, part(order, "1"))
        assert wrong(refused) == [("/allocations/0/amount", "more_than_left")]


async def test_a_reversal_is_a_receipt_of_its_own(
    till: Till, told: Told, nothing_changes: Unchanged
) -> None:
    orders = [await till.order("50") for _ in range(2)]
    receipt = await till.receipt(
        "120",
        *(part(order, "50") for order in orders),
        method="cheque",
        account="ICBC",
        payer="旭日",
        reference="88",
        note="By post",
        provider="alipay",
        provider_event_id="1",
        external_ids={"bank": "88"},
    )
    gone = await till.acted(receipt, "reverse", reason="Bounced")
    taken_off = {"allocations": [], "allocated": money("0.00"), "unallocated": money("0.00")}
    assert gone == receipt | taken_off | {
        "status": "reversed",
        "reversal_reason": "Bounced",
        "reversed_at": gone["updated_at"],
        "reversed_by_id": gone["reversed_by_id"],
        "version": 2,
        "updated_at": gone["updated_at"],
    }
    reversal = await till.now({"id": gone["reversed_by_id"]})
    kept = "customer_id business_unit_id handler_id method account payer reference".split()
    assert reversal == reversal | taken_off | {name: receipt[name] for name in kept} | {
        "status": "confirmed",
        "amount": money("-120.00"),
        "reverses_id": receipt["id"],
        "provider": None,
        "external_ids": {},
        "note": None,
        "reversal_reason": None,
    }
    assert int(reversal["number"][-4:]) == int(receipt["number"][-4:]) + 1
    assert [await till.payment(order) for order in orders] == [("none", "0.00")] * 2
    assert types(await told(receipt))[-1] == "receipt.reversed"
    assert types(await told(reversal)) == ["receipt.created", "receipt.confirmed"]
    assert await listed(till.client, "/receipts", has_credit=True) == []
    async with nothing_changes():
        again = await till.act(gone, "reverse", reason="Twice")
        assert again.json()["code"] == "invalid-transition"
        refused = await till.act(reversal, "reverse", reason="Not at all")
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


async def test_whoever_is_late_is_told(till: Till, nothing_changes: Unchanged) -> None:
    order, receipt = await till.order(), await till.receipt()
    await till.allocated(receipt, part(order, "10"))
    async with nothing_changes():
        late = await till.client.post(
            f"/receipts/{receipt['id']}/allocate",
            json={"allocations": [part(order, "10")]},
            headers=once(**{"If-Match": '"1"'}),
        )
        assert late.status_code == 412


async def test_what_orders_are_paid_is_rehearsed(till: Till, nothing_changes: Unchanged) -> None:
    order, receipt = await till.order(), await till.receipt()
    async with nothing_changes():
        answer = await till.client.post(
            f"/receipts/{receipt['id']}/allocate",
            json={"allocations": [part(order, "10")]},
            headers=once(**{"Crm-Dry-Run": "true"}),
        )
    assert answer.json()["allocated"] == money("10.00")
    told = answer.headers["crm-dry-run-events"]
    assert told == "order.payment_changed, receipt.allocated"


BROKEN = {
    "allocated_at_most": "allocations = '[{0}]', allocated = 101",
    "allocations_make_allocated": "allocated = 1",
    "only_reversals_below_zero": "amount = -1",
    "of_a_currency": "currency = 'cny'",
    "confirmed_some_time": "confirmed_at = NULL",
    "reversed_by_another": "status = 'reversed'",
    "event_of_a_provider": "provider = 'alipay'",
    "reversals_stay": "reverses_id = id, amount = -100, status = 'draft', confirmed_at = NULL",
}


@pytest.mark.parametrize("rule", BROKEN)
async def test_the_database_keeps_the_books_too(till: Till, admin: "Admin[Any]", rule: str) -> None:
    receipt = await till.receipt("100")
    much = '{"order_id": "ord_1", "amount": {"amount": "101", "currency": "CNY"}}'
    broken = BROKEN[rule].replace("{0}", much)
    with pytest.raises(PostgresError, match=f"ck_receipts_{rule}"):
        await admin.execute(f"UPDATE receipts SET {broken} WHERE id = $1", receipt["id"][4:])


async def test_the_database_reverses_a_receipt_once(till: Till, admin: "Admin[Any]") -> None:
    receipt = await till.acted(await till.receipt(), "reverse", reason="Bounced")
    with pytest.raises(PostgresError, match="uq_receipts_reverses"):
        await admin.execute(
            "INSERT INTO receipts (tenant_id, id, number, customer_id, business_unit_id, status, "
            "amount, currency, method, received_at, confirmed_at, reverses_id, created_at, "
            "updated_at) SELECT tenant_id, gen_random_uuid(), 'RC-X', customer_id, "
            "business_unit_id, status, amount, currency, method, received_at, confirmed_at, "
            "reverses_id, created_at, updated_at FROM receipts WHERE reverses_id = $1",
            receipt["id"][4:],
        )
