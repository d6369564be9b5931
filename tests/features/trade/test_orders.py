"""Orders: what they are made of, what they come to, and how they go on."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.catalogue.shelf import listed, product
from tests.features.pipeline.selling import acted, deal, money, pipeline, user
from tests.grouping import made

from .conftest import Counter, Told
from .ordering import Json, counter, given, line, rate, registered, wrong

NOBODY = "f" * 32


def types(records: list[Json]) -> list[str]:
    return [record["type"] for record in records]


async def found(client: AsyncClient, **asked: str) -> list[str]:
    return [order["id"] for order in await listed(client, "/orders", **asked)]


def after(number: str, by: int = 1) -> str:
    head, _, n = number.rpartition("-")
    return f"{head}-{int(n) + by:04}"


async def test_an_order_is_answered_as_it_was_said(client: AsyncClient) -> None:
    ordering, owner = await counter(client), await user(client)
    said: Json = {
        "owner_id": owner,
        "number": "PO-1",
        "ordered_at": "2026-03-01T08:00:00.000Z",
        "requested_on": "2026-04-01",
        "source": "web_shop",
        "customer_reference": "4711",
        "note": "Ring twice",
        "external_ids": {"shop": "100048"},
    }
    address = {"country": "CN", "city": "上海"}
    created = await ordering.send(line(), shipping_address=address, **said)
    assert created.status_code == 201, created.text
    order = created.json()
    assert order == order | said | {
        "object": "order",
        "customer_id": ordering.customer,
        "business_unit_id": ordering.unit,
        "status": "draft",
        "revision": 1,
        "shipment_status": "none",
        "payment_status": "none",
        "invoice_status": "none",
        "pricing": "computed",
        "currency": "CNY",
        "tax_region": "CN",
        "total": money("100.00"),
        "base_total": money("100.00"),
        "paid": money("0.00"),
    }
    assert order["shipping_address"] == order["shipping_address"] | address
    assert (await client.get(f"/orders/{order['id']}")).content == created.content
    by_shop = await client.get("/orders/external/shop/100048")
    assert by_shop.content == created.content


async def test_a_line_is_answered_with_what_it_comes_to(ordering: Counter) -> None:
    said = line("9.99", "3", discount_percent="10", tax_percent="13", note="Fragile")
    order = await ordering.order(said, discount_percent="5")
    [sold] = order["lines"]
    assert sold == {
        "line": 1,
        "product_id": None,
        "sku": None,
        "name": "Filling machine",
        "kind": "goods",
        "unit": None,
        "quantity": "3",
        "unit_price": money("9.99"),
        "price": {"source": "sent", "price_book_id": None, "price_entry_id": None},
        "discount_percent": "10",
        "discount_amount": None,
        "discount": money("3.00"),
        "document_discount": money("1.35"),
        "tax_class": None,
        "tax_percent": "13",
        "net": money("25.62"),
        "tax": money("3.33"),
        "total": money("28.95"),
        "shipped_quantity": "0",
        "returned_quantity": "0",
        "note": "Fragile",
    }
    assert order["subtotal"] == money("26.97")
    assert order["discount"] == money("1.35")
    assert (order["net"], order["tax"], order["total"]) == (
        money("25.62"),
        money("3.33"),
        money("28.95"),
    )
    assert order["taxes"] == [{"percent": "13", "net": money("25.62"), "tax": money("3.33")}]


async def test_prices_may_include_tax(ordering: Counter) -> None:
    lines = line("113", tax_percent="13"), line("1.06", tax_percent="6")
    order = await ordering.order(*lines, prices_include_tax=True)
    assert (order["net"], order["tax"], order["total"]) == (
        money("101.00"),
        money("13.06"),
        money("114.06"),
    )


async def test_a_product_says_what_a_line_leaves_out(ordering: Counter) -> None:
    sold = await ordering.product(sku="F-200", unit="台", list_price=money("50000"))
    order = await ordering.order({"product_id": sold["id"], "quantity": "2"})
    [ordered] = order["lines"]
    assert ordered["name"] == sold["name"]
    assert (ordered["sku"], ordered["unit"], ordered["tax_class"]) == ("F-200", "台", "standard")
    assert ordered["unit_price"] == money("50000.00")
    assert ordered["price"]["source"] == "list_price"
    assert order["total"] == money("100000.00")


async def test_a_line_costs_what_the_books_say(ordering: Counter) -> None:
    client = ordering.client
    rate = {"tax_class": "standard", "region": "CN", "percent": "13", "name": "VAT"}
    await made(client, "/tax-rates", {**rate, "valid_from_on": "2019-04-01"})
    sold = await ordering.product(list_price=money("200"))
    book = await made(client, "/price-books", {"name": "All", "code": "ALL", "currency": "CNY"})
    named = {"price_book_id": book["id"], "product_id": sold["id"]}
    for least, price in (("0", "113"), ("10", "100")):
        entry = {**named, "min_quantity": least, "unit_price": money(price)}
        await made(client, "/price-entries", entry)
    lines = [{"product_id": sold["id"], "quantity": quantity} for quantity in ("9", "10")]
    order = await ordering.order(*lines, tax_region="CN")
    assert [one["unit_price"] for one in order["lines"]] == [money("113.00"), money("100.00")]
    assert {one["price"]["source"] for one in order["lines"]} == {"price_entry"}
    assert {one["price"]["price_book_id"] for one in order["lines"]} == {book["id"]}
    with_tax = await ordering.order(*lines, tax_region="CN", prices_include_tax=True)
    assert [one["unit_price"] for one in with_tax["lines"]] == [money("127.69"), money("113.00")]


async def test_a_shop_names_products_by_their_skus(ordering: Counter) -> None:
    sold = await ordering.product(sku="F-200")
    lines = given("5", sku="F-200"), given("6", sku="unknown")
    order = await ordering.order(*lines, pricing="given")
    assert [one["product_id"] for one in order["lines"]] == [sold["id"], None]
    assert await found(ordering.client, product_id=sold["id"]) == [order["id"]]


async def test_a_line_keeps_what_its_product_was(ordering: Counter) -> None:
    sold = await ordering.product(list_price=money("10"))
    order = await ordering.order({"product_id": sold["id"]})
    changed = {"name": "Another", "list_price": money("20")}
    await ordering.client.patch(f"/products/{sold['id']}", json=changed)
    again = await ordering.put(order, lines=[{"product_id": sold["id"]}])
    assert again.json()["lines"] == order["lines"]
    assert again.json()["version"] == order["version"]


async def test_an_order_is_found_by_what_is_ordered(ordering: Counter) -> None:
    sold, other = [await ordering.product(list_price=money("10")) for _ in range(2)]
    order = await ordering.order({"product_id": sold["id"]})
    assert await found(ordering.client, product_id=sold["id"]) == [order["id"]]
    await ordering.put(order, lines=[{"product_id": other["id"]}])
    assert await found(ordering.client, product_id=sold["id"]) == []
    assert await found(ordering.client, product_id=other["id"]) == [order["id"]]


UNFIT: list[tuple[Json, str, str]] = [
    ({"lines": [{"quantity": "1", "unit_price": money("1")}]}, "/lines/0/name", "missing"),
    ({"lines": [{"name": "Milk"}]}, "/lines/0/unit_price", "no_price"),
    ({"lines": [line(currency="EUR")]}, "/lines/0/unit_price/currency", "other_currency"),
    (
        {"lines": [line(discount_percent="5", discount_amount=money("1"))]},
        "/lines/0/discount_amount",
        "two_discounts",
    ),
    (
        {"lines": [line("5", discount_amount=money("-1"))]},
        "/lines/0/discount_amount",
        "amount_negative",
    ),
    (
        {"lines": [line("5", discount_amount=money("6"))]},
        "/lines/0/discount_amount",
        "discount_too_much",
    ),
    (
        {"lines": [line("5")], "discount_amount": money("6")},
        "/discount_amount",
        "discount_too_much",
    ),
    (
        {"lines": [line()], "discount_percent": "1", "discount_amount": money("6")},
        "/discount_amount",
        "two_discounts",
    ),
    (
        {"lines": [line()], "discount_amount": money("6", "EUR")},
        "/discount_amount/currency",
        "other_currency",
    ),
    ({"lines": [line(amount=money("1"))]}, "/lines/0/amount", "computed"),
    ({"lines": [line()], "pricing": "given"}, "/lines/0/amount", "missing"),
    ({"lines": [line(line=2), line(line=2)]}, "/lines", "line_repeated"),
    ({"lines": [line("999999999", "999999999")]}, "/lines", "too_much"),
    ({"lines": [given("-1")], "pricing": "given"}, "/lines", "amount_negative"),
    ({"lines": [line(product_id=f"prd_{NOBODY}")]}, "/lines/0/product_id", "unknown_reference"),
    ({"customer_id": f"cus_{NOBODY}"}, "/customer_id", "unknown_reference"),
    ({"deal_id": f"dea_{NOBODY}"}, "/deal_id", "unknown_reference"),
    ({"owner_id": f"usr_{NOBODY}"}, "/owner_id", "unknown_reference"),
]


@pytest.mark.parametrize(("said", "pointer", "code"), UNFIT)
async def test_what_does_not_fit_is_refused_where_it_stands(
    ordering: Counter, nothing_changes: Unchanged, said: Json, pointer: str, code: str
) -> None:
    async with nothing_changes():
        refused = await ordering.send(**{"lines": [], **said})
        assert (pointer, code) in wrong(refused)


async def test_only_products_on_sale_are_ordered(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    sold = await ordering.product(list_price=money("10"))
    before = await ordering.order({"product_id": sold["id"]})
    await ordering.client.post(f"/products/{sold['id']}/discontinue")
    async with nothing_changes():
        refused = await ordering.send({"product_id": sold["id"]})
        assert wrong(refused) == [("/lines/0/product_id", "product_not_active")]
    again = await ordering.put(before, lines=[{"product_id": sold["id"], "quantity": "2"}])
    assert again.status_code == 200, again.text
    outside = given("3", product_id=sold["id"])
    assert (await ordering.send(outside, pricing="given")).status_code == 201


async def test_a_given_order_comes_to_what_its_lines_say(ordering: Counter) -> None:
    lines = given("2.98", "0.17", quantity="0"), given("0", quantity="0"), given("-0.50")
    order = await ordering.order(*lines, pricing="given", prices_include_tax=True)
    assert [one["total"]["amount"] for one in order["lines"]] == ["2.98", "0.00", "-0.50"]
    assert [one["quantity"] for one in order["lines"]] == ["0", "0", "1"]
    assert (order["net"], order["tax"], order["total"]) == (
        money("2.31"),
        money("0.17"),
        money("2.48"),
    )


async def test_an_order_is_taxed_where_it_goes_else_where_the_seller_is(
    client: AsyncClient,
) -> None:
    ordering = await counter(client)
    ordering.unit = await registered(client, "DE")
    here = await ordering.order(line())
    there = await ordering.order(line(), shipping_address={"country": "FR"})
    said = await ordering.order(line(), shipping_address={"country": "FR"}, tax_region="US-NY")
    assert [one["tax_region"] for one in (here, there, said)] == ["DE", "FR", "US-NY"]


async def test_a_line_is_taxed_by_the_rate_of_its_class_on_the_day(ordering: Counter) -> None:
    for percent, begins in (("16", "2018-05-01"), ("13", "2019-04-01")):
        named = {"tax_class": "standard", "region": "CN", "name": f"VAT {percent} %"}
        ends = {"valid_until_on": "2019-04-01"} if percent == "16" else {}
        said = {**named, "percent": percent, "valid_from_on": begins, **ends}
        await made(ordering.client, "/tax-rates", said)
    sold = await ordering.product(list_price=money("100"))
    other = await ordering.product(list_price=money("100"), tax_class="exempt")
    lines = {"product_id": sold["id"]}, {"product_id": other["id"]}
    then = await ordering.order(*lines, tax_region="CN-31", ordered_at="2019-03-01T00:00:00Z")
    now = await ordering.order(*lines, tax_region="CN")
    assert [one["tax_percent"] for one in then["lines"]] == ["16", None]
    assert [one["tax"]["amount"] for one in now["lines"]] == ["13.00", "0.00"]


async def test_an_order_is_worth_what_its_day_says(client: AsyncClient) -> None:
    ordering = await counter(client)
    await rate(client, "EUR", "7.5", "2026-01-01")
    await rate(client, "EUR", "8", "2026-02-01")
    said: Json = {"currency": "EUR", "ordered_at": "2026-01-15T12:00:00Z"}
    order = await ordering.order(line("10", currency="EUR"), **said)
    assert (order["base_total"], order["exchange_rate"]) == (money("75.00"), "7.5")
    confirmed = await ordering.acted(order, "confirm")
    await rate(client, "EUR", "9", "2026-01-10")
    revised = await ordering.put(confirmed, lines=[line("20", currency="EUR")])
    assert revised.json()["base_total"] == money("150.00")


async def test_an_order_goes_its_way_and_each_step_is_told(ordering: Counter, told: Told) -> None:
    order = await ordering.order(line())
    confirmed = await ordering.acted(order, "confirm")
    assert confirmed["status"] == "confirmed"
    assert confirmed["confirmed_at"]
    completed = await ordering.acted(order, "complete")
    assert (completed["status"], completed["version"]) == ("completed", 3)
    assert types(await told(order)) == ["order.created", "order.confirmed", "order.completed"]


async def test_an_order_may_be_confirmed_as_it_is_made(ordering: Counter, told: Told) -> None:
    order = await ordering.order(line(), status="confirmed")
    assert (order["status"], order["version"]) == ("confirmed", 1)
    assert types(await told(order)) == ["order.created", "order.confirmed"]


async def test_an_empty_order_is_not_confirmed(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    order = await ordering.order()
    async with nothing_changes():
        assert wrong(await ordering.act(order, "confirm"), 409) == [("/lines", "empty")]
        assert wrong(await ordering.send(status="confirmed"), 409) == [("/lines", "empty")]


async def test_a_cancelled_order_says_why_and_stays_so(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    order = await ordering.order(line(), status="confirmed")
    cancelled = await ordering.acted(order, "cancel", reason="Ordered twice")
    assert cancelled["cancellation_reason"] == "Ordered twice"
    async with nothing_changes():
        for verb in ("confirm", "complete"):
            assert (await ordering.act(order, verb)).json()["code"] == "invalid-transition"
        refused = await ordering.put(cancelled, lines=[])
        assert ("/lines", "order_settled") in wrong(refused, 409)
    noted = await ordering.put(cancelled, note="Called back")
    assert noted.json()["note"] == "Called back"


async def test_a_confirmed_order_is_revised_as_it_was_seen(
    ordering: Counter, told: Told, nothing_changes: Unchanged
) -> None:
    order = await ordering.order(line("10"), status="confirmed")
    async with nothing_changes():
        unseen = await ordering.put(order, seen=False, lines=[line("12")])
        assert unseen.status_code == 428
    revised = (await ordering.put(order, lines=[line("12")])).json()
    assert (revised["revision"], revised["total"]) == (2, money("12.00"))
    noted = (await ordering.put(revised, seen=False, note="By lorry")).json()
    assert noted["revision"] == 2
    records = await told(order)
    assert types(records)[2:] == ["order.revised", "order.updated"]
    assert records[2]["changes"]["total"]["new"] == money("12.00")
    before = await ordering.client.get(
        f"/orders/{order['id']}", params={"as_of": order["updated_at"]}
    )
    assert before.json()["total"] == money("10.00")


async def test_whom_a_confirmed_order_is_for_stays(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    order = await ordering.order(line(), status="confirmed")
    other = await made(ordering.client, "/customers", {"kind": "person", "name": "Li Na"})
    async with nothing_changes():
        refused = await ordering.put(order, customer_id=other["id"])
        assert wrong(refused, 409) == [("/customer_id", "order_settled")]


async def test_numbers_follow_one_another_and_are_not_given_twice(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    first, second = [await ordering.order() for _ in range(2)]
    assert int(second["number"][-4:]) == int(first["number"][-4:]) + 1
    async with nothing_changes():
        refused = await ordering.send(number=first["number"])
        assert wrong(refused, 409) == [("/number", "duplicate_value")]


async def test_a_number_that_was_given_by_hand_is_passed_over(ordering: Counter) -> None:
    first = (await ordering.order())["number"]
    await ordering.order(number=after(first))
    said = {"customer_id": ordering.customer, "business_unit_id": ordering.unit}
    bodies = [said, said, {**said, "number": after(first, 3)}]
    items = [{"external_id": str(n), "data": body} for n, body in enumerate(bodies)]
    answer = await ordering.batch(*items)
    assert answer.status_code == 200, answer.text
    orders = await listed(ordering.client, "/orders")
    by_shop = {order["external_ids"].get("shop"): order["number"] for order in orders}
    assert [by_shop[str(n)] for n in range(3)] == [after(first, by) for by in (2, 4, 3)]
    assert (await ordering.order())["number"] == after(first, 5)


async def test_an_order_takes_from_its_deal_what_it_leaves_out(client: AsyncClient) -> None:
    ordering = await counter(client)
    await pipeline(client)
    products = [{"name": "Line", "unit_price": money("10", "EUR"), "quantity": "3"}]
    sold = await deal(client, ordering.customer, ordering.unit, products=products)
    order = (await client.post("/orders", json={"deal_id": sold["id"]})).json()
    assert order["customer_id"] == ordering.customer
    assert order["business_unit_id"] == ordering.unit
    assert (order["currency"], order["total"]) == ("EUR", money("30.00", "EUR"))
    assert await found(client, deal_id=sold["id"]) == [order["id"]]
    other = await made(client, "/customers", {"kind": "person", "name": "Li Na"})
    refused = await client.post("/orders", json={"deal_id": sold["id"], "customer_id": other["id"]})
    assert wrong(refused) == [("/customer_id", "other_customer")]


async def test_orders_are_listed_by_how_far_they_are(ordering: Counter) -> None:
    draft, confirmed = (
        await ordering.order(line()),
        await ordering.order(line(), status="confirmed"),
    )
    expected: dict[str, Any] = {
        "status": {"draft": [draft], "confirmed": [confirmed], "cancelled": []},
        "shipment_status": {"none": [confirmed, draft], "full": []},
        "payment_status": {"none": [confirmed, draft], "over": []},
        "number": {draft["number"]: [draft]},
    }
    for name, values in expected.items():
        for value, orders in values.items():
            wanted = [order["id"] for order in orders]
            assert await found(ordering.client, **{name: value}) == wanted


async def won(client: AsyncClient, **said: Any) -> tuple[Counter, Json]:
    """A deal of a pipeline whose deals make orders when they are won."""
    ordering = await counter(client)
    await pipeline(client, orders_when_won=True)
    sold = await deal(client, ordering.customer, ordering.unit, **said)
    return ordering, await acted(client, sold, "win")


async def test_a_deal_that_is_won_makes_a_draft_once(client: AsyncClient, told: Told) -> None:
    shelved = await product(client, name="Filling machine", sku="F-200")
    products = [{"product_id": shelved["id"], "unit_price": money("10"), "quantity": "3"}]
    _, sold = await won(client, products=products)
    [order] = await listed(client, "/orders", deal_id=sold["id"])
    assert (order["status"], order["total"]) == ("draft", money("30.00"))
    [ordered] = order["lines"]
    assert (ordered["product_id"], ordered["sku"]) == (shelved["id"], "F-200")
    reopened = await acted(client, sold, "reopen", reason="Another offer")
    await acted(client, reopened, "win")
    assert len(await listed(client, "/orders", deal_id=sold["id"])) == 1
    [created] = await told(order)
    assert created["causation_id"]


async def test_a_deal_is_won_also_where_its_product_is_not_sold_any_more(
    client: AsyncClient,
) -> None:
    ordering = await counter(client)
    await pipeline(client, orders_when_won=True)
    shelved = await product(client)
    products = [{"product_id": shelved["id"], "unit_price": money("10")}]
    sold = await deal(client, ordering.customer, ordering.unit, products=products)
    await client.post(f"/products/{shelved['id']}/discontinue")
    await acted(client, sold, "win")
    [order] = await listed(client, "/orders", deal_id=sold["id"])
    assert [(line["product_id"], line["name"]) for line in order["lines"]] == [
        (None, shelved["name"])
    ]


async def test_other_pipelines_make_no_orders(client: AsyncClient) -> None:
    ordering = await counter(client)
    await pipeline(client)
    sold = await deal(client, ordering.customer, ordering.unit)
    await acted(client, sold, "win")
    assert await listed(client, "/orders") == []
