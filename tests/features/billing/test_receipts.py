"""Receipts: what they say, and what stays of it."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged, WithKey
from tests.features.catalogue.shelf import listed
from tests.features.pipeline.selling import customer, money, user, wrong
from tests.features.trade.conftest import Told
from tests.features.trade.ordering import Json
from tests.grouping import grown, made

from .till import Till, once, part

NOBODY = "f" * 32


def types(records: list[Json]) -> list[str]:
    return [record["type"] for record in records]


async def found(client: AsyncClient, **asked: Any) -> list[str]:
    return [receipt["id"] for receipt in await listed(client, "/receipts", **asked)]


async def test_a_receipt_is_answered_as_it_was_said(till: Till) -> None:
    client, handler = till.client, await user(till.client)
    said: Json = {
        "number": "RC-1",
        "method": "wechat_pay",
        "received_at": "2026-03-01T08:00:00.000Z",
        "account": "ICBC 0200-1234",
        "payer": "旭日",
        "handler_id": handler,
        "reference": "TT-88",
        "provider": "wechat_pay",
        "provider_event_id": "evt-4711",
        "note": "For the spring order",
        "external_ids": {"bank": "20260301-88"},
    }
    written = await till.send("100.5", **said)
    assert written.status_code == 201, written.text
    receipt = written.json()
    assert receipt == receipt | said | {
        "object": "receipt",
        "customer_id": till.ordering.customer,
        "business_unit_id": till.ordering.unit,
        "status": "draft",
        "amount": money("100.50"),
        "allocations": [],
        "allocated": money("0.00"),
        "unallocated": money("100.50"),
        "confirmed_at": None,
        "reversed_at": None,
        "reversal_reason": None,
        "reverses_id": None,
        "reversed_by_id": None,
    }
    assert (await client.get(f"/receipts/{receipt['id']}")).content == written.content
    by_bank = await client.get("/receipts/external/bank/20260301-88")
    assert by_bank.content == written.content


async def test_what_is_not_said_of_a_receipt_is_now_and_by_whoever_writes_it(
    client: AsyncClient, with_key: WithKey
) -> None:
    group = await grown(client, with_key)
    clerk = await group.hire("finance")
    of = await group.customer("shanghai")
    body = {"customer_id": of, "amount": money("5"), "method": "cash"}
    answer = await clerk.client.post("/receipts", json=body, headers=once())
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert receipt["handler_id"] == clerk.id
    assert receipt["business_unit_id"] == group.units["shanghai"]
    assert receipt["received_at"] == receipt["created_at"]


async def test_receipts_are_numbered_one_after_the_other(
    till: Till, nothing_changes: Unchanged
) -> None:
    first, second = [await till.receipt() for _ in range(2)]
    assert first["number"].startswith("RC")
    assert int(second["number"][-4:]) == int(first["number"][-4:]) + 1
    async with nothing_changes():
        assert wrong(await till.send(number=first["number"]), 409) == [
            ("/number", "duplicate_value")
        ]


@pytest.mark.parametrize("amount", ["0", "-1"])
async def test_a_receipt_is_of_something(
    till: Till, nothing_changes: Unchanged, amount: str
) -> None:
    async with nothing_changes():
        assert wrong(await till.send(amount)) == [("/amount", "amount_not_positive")]


async def test_a_receipt_is_written_once_however_often_it_is_sent(
    till: Till, nothing_changes: Unchanged
) -> None:
    body = {
        "customer_id": till.ordering.customer,
        "business_unit_id": till.ordering.unit,
        "amount": money("100"),
        "method": "cash",
    }
    async with nothing_changes():
        refused = await till.client.post("/receipts", json=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency-key-required")
    key = once()
    first = await till.client.post("/receipts", json=body, headers=key)
    async with nothing_changes():
        again = await till.client.post("/receipts", json=body, headers=key)
    assert again.content == first.content


async def test_nothing_that_moves_money_is_done_without_a_key(
    till: Till, nothing_changes: Unchanged
) -> None:
    order, receipt = await till.order(), await till.receipt()
    bodies = {
        "confirm": None,
        "allocate": {"allocations": [part(order, "1")]},
        "deallocate": {"order_ids": [order["id"]]},
        "reverse": {"reason": "Bounced"},
    }
    async with nothing_changes():
        for verb, body in bodies.items():
            answer = await till.client.post(f"/receipts/{receipt['id']}/{verb}", json=body)
            assert answer.json()["code"] == "idempotency-key-required"


async def test_an_event_of_a_provider_is_a_receipt_once(
    till: Till, nothing_changes: Unchanged
) -> None:
    event = {"provider": "alipay", "provider_event_id": "2026-4711"}
    receipt = await till.receipt(**event)
    async with nothing_changes():
        refused = await till.send(**event)
        assert wrong(refused, 409) == [("/provider_event_id", "duplicate_value")]
        assert refused.json()["code"] == "duplicate-value"
        assert refused.json()["existing"] == {"object": "receipt", "id": receipt["id"]}
    for other in ({**event, "provider": "wechat_pay"}, {**event, "provider_event_id": "4712"}):
        await till.receipt(**other)


@pytest.mark.parametrize("sent", ["provider", "provider_event_id"])
async def test_half_an_event_is_none(till: Till, nothing_changes: Unchanged, sent: str) -> None:
    missing = {"provider", "provider_event_id"} - {sent}
    async with nothing_changes():
        assert wrong(await till.send(**{sent: "alipay"})) == [(f"/{missing.pop()}", "missing")]


async def test_whom_a_receipt_names_is_there(till: Till, nothing_changes: Unchanged) -> None:
    order = {"id": f"ord_{NOBODY}"}
    named: Json = {
        "customer_id": ("/customer_id", f"cus_{NOBODY}"),
        "handler_id": ("/handler_id", f"usr_{NOBODY}"),
        "business_unit_id": ("/business_unit_id", f"bun_{NOBODY}"),
        "allocations": ("/allocations/0/order_id", [part(order, "1")]),
    }
    receipt = await till.receipt()
    async with nothing_changes():
        for field, (pointer, value) in named.items():
            assert wrong(await till.send(**{field: value})) == [(pointer, "unknown_reference")]
        refused = await till.allocate(receipt, part(order, "1"))
        assert wrong(refused) == [("/allocations/0/order_id", "unknown_reference")]


async def test_who_is_archived_pays_no_more(till: Till, nothing_changes: Unchanged) -> None:
    gone = await customer(till.client)
    await made(till.client, f"/customers/{gone}/archive", None, 200)
    async with nothing_changes():
        refused = await till.send(customer_id=gone)
        assert wrong(refused, 409) == [("/customer_id", "customer_archived")]


async def test_a_draft_is_changed_until_it_is_confirmed(till: Till, told: Told) -> None:
    order, other = await till.order(), await customer(till.client, "Another")
    draft = await till.receipt("10", status="draft")
    said: Json = {
        "customer_id": other,
        "method": "cheque",
        "number": "RC-9",
        "received_at": "2026-03-01T08:00:00.000Z",
        "account": "ICBC",
        "payer": "Somebody",
        "handler_id": await user(till.client),
        "reference": "88",
        "note": "Bounced once",
        "external_ids": {"bank": "9"},
    }
    changed = await till.put(draft, amount=money("20", "EUR"), **said)
    assert changed.status_code == 200, changed.text
    assert changed.json() == changed.json() | said | {"amount": money("20.00", "EUR")}
    planned = (await till.put(draft, amount=money("20"), allocations=[part(order, "20")])).json()
    assert (planned["allocated"], planned["unallocated"]) == (money("20.00"), money("0.00"))
    assert types(await told(draft)) == ["receipt.created", "receipt.updated", "receipt.updated"]


FACTS: Json = {
    "number": "RC-2",
    "amount": money("99"),
    "method": "cash",
    "received_at": "2026-03-02T08:00:00.000Z",
    "account": "Another",
    "payer": "Another",
    "handler_id": None,
    "reference": "Another",
}


@pytest.mark.parametrize("status", ["confirmed", "reversed"])
async def test_what_a_confirmed_receipt_says_of_the_money_stays(
    till: Till, told: Told, nothing_changes: Unchanged, status: str
) -> None:
    order, other = await till.order(), await customer(till.client, "Another")
    handler = await user(till.client)
    receipt = await till.receipt(number="RC-1", account="A", payer="B", handler_id=handler)
    if status == "reversed":
        receipt = await till.acted(receipt, "reverse", reason="Bounced")
    facts = {**FACTS, "customer_id": other, "allocations": [part(order, "1")]}
    async with nothing_changes():
        for field, value in facts.items():
            refused = await till.put(receipt, **{field: value})
            assert wrong(refused, 409) == [(f"/{field}", "receipt_settled")]
        as_it_is = {name: receipt[name] for name in (*facts, "note")}
        assert (await till.put(receipt, **as_it_is)).status_code == 200
        foreign = await till.put(receipt, amount=money("100", "EUR"))
        assert wrong(foreign, 409) == [("/amount", "receipt_settled")]
    noted = await till.put(receipt, note="Called the bank", external_ids={"bank": "7"})
    assert noted.status_code == 200, noted.text
    assert noted.json()["note"] == "Called the bank"
    assert noted.json()["external_ids"] == {"bank": "7"}
    assert types(await told(receipt))[-1] == "receipt.updated"


async def test_receipts_are_listed_by_what_they_are(till: Till) -> None:
    order, handler = await till.order("40"), await user(till.client)
    draft = await till.receipt(status="draft", reference="TT-1")
    paid = await till.receipt("40", part(order, "40"), method="cash", handler_id=handler)
    partly = await till.receipt("50")
    client, newest = till.client, [partly["id"], paid["id"], draft["id"]]
    expected: dict[str, dict[Any, list[Json]]] = {
        "status": {"draft": [draft], "confirmed": [partly, paid], "reversed": []},
        "method": {"cash": [paid], "bank": [partly, draft], "card": []},
        "order_id": {order["id"]: [paid], f"ord_{NOBODY}": []},
        "customer_id": {till.ordering.customer: [partly, paid, draft], f"cus_{NOBODY}": []},
        "business_unit_id": {till.ordering.unit: [partly, paid, draft], f"bun_{NOBODY}": []},
        "under": {till.ordering.unit: [partly, paid, draft]},
        "handler_id": {handler: [paid]},
        "reference": {"TT-1": [draft], "TT-2": []},
        "number": {paid["number"]: [paid]},
        "has_credit": {"true": [partly], "false": [paid, draft]},
        "received_at__gte": {paid["received_at"]: [partly, paid]},
        "received_at__lt": {paid["received_at"]: [draft]},
    }
    for name, values in expected.items():
        for value, receipts in values.items():
            wanted = [receipt["id"] for receipt in receipts]
            assert await found(client, **{name: value}) == wanted, (name, value)
    assert await found(client, sort="received_at") == newest[::-1]
    beside = await client.get("/receipts", params={"expand": "customer", "limit": 1})
    assert beside.json()["data"][0]["customer"]["id"] == till.ordering.customer


async def test_receipts_are_found_and_summed_up(till: Till) -> None:
    order = await till.order("40")
    paid = await till.receipt("40", part(order, "30"), payer="旭日")
    bounced = await till.receipt("60")
    await till.acted(bounced, "reverse", reason="Bounced")
    await till.receipt("7", status="draft")
    by_payer = {"kind": "condition", "field": "payer", "op": "contains", "value": "旭"}
    answer = await till.client.post("/receipts/search", json={"filter": by_payer})
    assert [one["id"] for one in answer.json()["data"]] == [paid["id"]]
    come_in = {"kind": "condition", "field": "status", "op": "ne", "value": "draft"}
    asked = {
        "filter": come_in,
        "group_by": ["currency"],
        "metrics": [{"op": "sum", "field": name} for name in ("amount", "allocated")],
    }
    [group] = (await till.client.post("/receipts/aggregate", json=asked)).json()["groups"]
    assert group["group"] == {"currency": "CNY"}
    assert list(group["metrics"].values()) == ["40", "30"]


async def test_a_system_sends_its_receipts_again(
    till: Till, told: Told, nothing_changes: Unchanged
) -> None:
    named = {"customer_id": till.ordering.customer, "business_unit_id": till.ordering.unit}
    async with nothing_changes():
        assert wrong(await till.upsert("88", note="?")) == [
            ("/customer_id", "missing"),
            ("/amount", "missing"),
            ("/method", "missing"),
        ]
    first = await till.upsert("88", amount=money("10"), method="bank", **named)
    assert first.status_code == 201, first.text
    changed = await till.upsert("88", amount=money("12"))
    assert (changed.status_code, changed.json()["amount"]) == (200, money("12.00"))
    confirmed = await till.upsert("88", amount=money("12.5"), status="confirmed")
    assert confirmed.json()["status"] == "confirmed"
    assert types(await told(first.json())) == [
        "receipt.created",
        "receipt.updated",
        "receipt.updated",
        "receipt.confirmed",
    ]
    async with nothing_changes():
        again = await till.upsert("88", amount=money("12.5"), status="confirmed")
        assert (again.status_code, again.json()) == (200, confirmed.json())
        refused = await till.upsert("88", amount=money("13"))
        assert wrong(refused, 409) == [("/amount", "receipt_settled")]


async def test_many_receipts_come_together_and_change_no_orders(till: Till) -> None:
    order = await till.order()
    draft = await till.receipt("10", part(order, "10"), status="draft", external_ids={"bank": "0"})
    named = {"customer_id": till.ordering.customer, "business_unit_id": till.ordering.unit}
    new = {**named, "amount": money("10"), "method": "bank", "status": "confirmed"}
    items = [
        {"external_id": "0", "data": {"status": "confirmed"}},
        *({"external_id": str(n), "data": new} for n in range(1, 4)),
        {"external_id": "4", "data": {**new, "customer_id": f"cus_{NOBODY}"}},
    ]
    body = {"system": "bank", "items": items}
    answer = await till.client.post("/receipts/batch-upsert", json=body)
    told = answer.json()["data"]
    assert [one["outcome"] for one in told] == ["failed", *["created"] * 3, "failed"]
    assert told[0]["problem"]["errors"][0]["pointer"] == "/data/status"
    assert told[0]["problem"]["errors"][0]["code"] == "allocated"
    assert told[-1]["problem"]["errors"][0]["pointer"] == "/data/customer_id"
    numbers = [(await till.now({"id": one["id"]}))["number"] for one in told[1:-1]]
    assert len(set(numbers)) == 3
    assert (await till.now(draft))["status"] == "draft"
    assert await till.payment(order) == ("none", "0.00")
