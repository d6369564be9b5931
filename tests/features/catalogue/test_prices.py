"""What lines cost: the book that fits best, its parents, the default one, the list price."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.work import UnitOfWork
from tests.conftest import NewClient, NewTenant, Unchanged, WithKey
from tests.features.pipeline.selling import customer, later, unit
from tests.features.test_customers import refused
from tests.grouping import grown

from .shelf import (
    Json,
    asked,
    book,
    category,
    entry,
    graded,
    money,
    price,
    product,
    resolved,
    rule,
    wrong,
)

NOBODY = "f" * 32
DAY = date(2027, 1, 1)


async def test_an_answer_says_what_was_asked_what_it_costs_and_why(client: AsyncClient) -> None:
    machine = await product(client, list_price=money("100"))
    of = await book(client, prices_include_tax=True)
    one = await entry(client, of, machine, "88.5")
    dealer, shanghai = await customer(client), await unit(client)
    said = {"customer_id": dealer, "business_unit_id": shanghai, "on": "2027-01-01"}
    answer = await asked(client, (machine, "3.500"), **said)
    assert answer.status_code == 200, answer.text
    line = {
        "product_id": machine["id"],
        "quantity": "3.500",
        "unit_price": money("88.50"),
        "prices_include_tax": True,
        "source": "price_entry",
        "price_book_id": of["id"],
        "price_entry_id": one["id"],
        "path": [{"price_book_id": of["id"], "found": "entry", "rule": None}],
    }
    expected = {"object": "resolved_prices", "currency": "CNY", **said, "lines": [line]}
    assert answer.json() == expected


async def test_the_greatest_quantity_that_is_bought_decides(client: AsyncClient) -> None:
    machine, of = await product(client), await book(client)
    for quantity, amount in (("0.5", "10"), ("10", "9"), ("100", "8")):
        await entry(client, of, machine, amount, min_quantity=quantity)
    expected = {"0.499": None, "0.5": "10.00", "9.999": "10.00", "10": "9.00", "1000": "8.00"}
    assert {q: await price(client, machine, q) for q in expected} == expected


async def test_a_price_is_that_of_the_day(client: AsyncClient) -> None:
    machine, of = await product(client, list_price=money("1")), await book(client)
    await entry(client, of, machine, "10", valid_until_on="2027-02-01")
    await entry(client, of, machine, "11", valid_from_on="2027-02-01", valid_until_on="2027-03-01")
    days = {"2027-01-31": "10.00", "2027-02-01": "11.00", "2027-03-01": "1.00"}
    assert {day: await price(client, machine, on=day) for day in days} == days


async def test_today_is_the_day_of_the_unit(client: AsyncClient) -> None:
    machine, of = await product(client), await book(client)
    far = await unit(client, "Kiritimati", time_zone="Pacific/Kiritimati")
    behind = await unit(client, "Pago Pago", time_zone="Pacific/Pago_Pago")
    answers = [await asked(client, (machine, "1"), business_unit_id=at) for at in (far, behind)]
    ahead, back = (date.fromisoformat(answer.json()["on"]) for answer in answers)
    assert ahead > back
    await entry(client, of, machine, "10", valid_from_on=ahead.isoformat())
    assert await price(client, machine, business_unit_id=far) == "10.00"
    assert await price(client, machine, business_unit_id=behind) is None
    await later(client, 2 * 86400)
    assert await price(client, machine, business_unit_id=behind) == "10.00"


async def test_the_book_that_fits_a_customer_best_is_his(client: AsyncClient) -> None:
    """The newest is made first, so that it is not what decides."""
    machine, dealer = await product(client), await customer(client)
    east = await unit(client, "East")
    shop = await unit(client, "Shop", parent_id=east)
    await graded(client, dealer, shop, "A")
    to_be_found = {
        "customer in unit": {"customer_id": dealer, "business_unit_id": shop},
        "customer in unit above": {"customer_id": dealer, "business_unit_id": east},
        "customer": {"customer_id": dealer},
        "grade in unit": {"grade": "A", "business_unit_id": shop},
        "grade in unit above": {"grade": "A", "business_unit_id": east},
        "grade": {"grade": "A"},
        "unit": {"business_unit_id": shop},
        "unit above": {"business_unit_id": east},
        "everybody": {},
    }
    others = [
        {"customer_id": await customer(client)},
        {"grade": "B"},
        {"business_unit_id": await unit(client, "West")},
        {"currency": "EUR"},
        {"valid_until_on": "2020-01-01"},
        {"valid_from_on": "2100-01-01"},
    ]
    for said in others:
        await entry(client, await book(client, **said), machine, "666")
    books = {}
    for name, said in to_be_found.items():
        books[name] = await book(client, name, **said)
        await entry(client, books[name], machine, "5")
    gone = []
    for name, of in books.items():
        found = await resolved(client, machine, customer_id=dealer, business_unit_id=shop)
        assert found["price_book_id"] == of["id"], name
        await client.post(f"/price-books/{of['id']}/archive")
        gone.append(name)
    found = await resolved(client, machine, customer_id=dealer, business_unit_id=shop)
    assert (found["unit_price"], found["path"]) == (None, [])


async def test_of_two_books_that_fit_alike_the_newer_one_is_taken(client: AsyncClient) -> None:
    machine = await product(client)
    for amount in ("5", "6"):
        await entry(client, await book(client), machine, amount)
    assert await price(client, machine) == "6.00"


async def test_a_grade_is_that_of_the_unit_that_sells_while_it_lasts(client: AsyncClient) -> None:
    machine, dealer = await product(client), await customer(client)
    east, west = await unit(client, "East"), await unit(client, "West")
    now = (await client.get("/sandbox/clock")).json()["now"]
    soon = f"{date.fromisoformat(now[:10]) + timedelta(days=2)}T00:00:00Z"
    await graded(client, dealer, east, "A", grade_expires_at=soon)
    await entry(client, await book(client, grade="A"), machine, "5")
    assert await price(client, machine, customer_id=dealer, business_unit_id=east) == "5.00"
    assert await price(client, machine, customer_id=dealer, business_unit_id=west) is None
    assert await price(client, machine, business_unit_id=east) is None
    assert await price(client, machine, customer_id=dealer) is None
    await later(client, 3 * 86400)
    assert await price(client, machine, customer_id=dealer, business_unit_id=east) is None


async def test_what_a_book_does_not_say_its_parents_say_then_the_default_then_the_list(
    client: AsyncClient,
) -> None:
    default = await book(client, "Default", is_default=True, prices_include_tax=True)
    top = await book(client, "Top")
    middle = await book(client, "Middle", parent_id=top["id"])
    dealer = await customer(client)
    own = await book(client, "Own", parent_id=middle["id"], customer_id=dealer)
    said = [own, top, default]
    products = [await product(client, list_price=money("1")) for _ in range(4)]
    for of, what in zip(said, products, strict=False):
        await entry(client, of, what, "5")
    answer = await asked(client, *((one, "1") for one in products), customer_id=dealer)
    lines = answer.json()["lines"]
    ways = [[(step["price_book_id"], step["found"]) for step in line["path"]] for line in lines]
    nothing = [(of["id"], "nothing") for of in (own, middle, top, default)]
    assert ways == [
        [(own["id"], "entry")],
        [*nothing[:2], (top["id"], "entry")],
        [*nothing[:3], (default["id"], "entry")],
        nothing,
    ]
    assert [line["source"] for line in lines] == [*["price_entry"] * 3, "list_price"]
    assert [line["prices_include_tax"] for line in lines] == [False, False, True, True]
    assert (lines[3]["unit_price"], lines[3]["price_book_id"]) == (money("1.00"), None)
    await client.post(f"/price-books/{middle['id']}/archive")
    found = await resolved(client, products[1], customer_id=dealer)
    assert [step["price_book_id"] for step in found["path"]] == [own["id"], top["id"]]


async def test_a_default_book_that_is_above_already_is_looked_in_once(client: AsyncClient) -> None:
    machine = await product(client, list_price=money("1"))
    default = await book(client, is_default=True)
    own = await book(client, parent_id=default["id"])
    found = await resolved(client, machine)
    assert [step["price_book_id"] for step in found["path"]] == [own["id"], default["id"]]
    assert (found["prices_include_tax"], found["source"]) == (False, "list_price")


async def test_a_list_price_in_another_currency_is_none(client: AsyncClient) -> None:
    machine = await product(client, list_price=money("1", "EUR"), unit_cost=money("1", "EUR"))
    of = await book(client, rules=[rule("unit_cost"), rule("list_price")])
    found = await resolved(client, machine)
    nothing = ("unit_price", "prices_include_tax", "source", "price_book_id", "price_entry_id")
    assert {found[name] for name in nothing} == {None}
    assert found["path"] == [{"price_book_id": of["id"], "found": "no_price", "rule": 0}]
    assert await price(client, machine, currency="EUR") == "1.00"


async def test_the_first_rule_that_fits_makes_the_price(client: AsyncClient) -> None:
    top = await category(client)
    below = await category(client, parent_id=top["id"])
    rules = [
        rule(category_id=below["id"], kind="service", percent="-50"),
        rule(category_id=top["id"], percent="-20"),
        rule(kind="subscription", plus="5"),
        rule("unit_cost", percent="100"),
    ]
    of = await book(client, rules=rules)
    said: Json = {"list_price": money("10"), "unit_cost": money("3")}
    cases: list[tuple[Json, int, str]] = [
        ({"category_id": below["id"], "kind": "service"}, 0, "5.00"),
        ({"category_id": below["id"]}, 1, "8.00"),
        ({"category_id": top["id"], "kind": "service"}, 1, "8.00"),
        ({"kind": "subscription"}, 2, "15.00"),
        ({}, 3, "6.00"),
    ]
    for what, number, amount in cases:
        found = await resolved(client, await product(client, **said, **what))
        assert (found["unit_price"], found["source"]) == (money(amount), "price_rule")
        assert found["path"] == [{"price_book_id": of["id"], "found": "rule", "rule": number}]


async def test_a_rule_starts_from_the_price_that_there_is_above_it(client: AsyncClient) -> None:
    machine = await product(client, list_price=money("100"))
    default = await book(client, "Default", is_default=True, rules=[rule(percent="10")])
    top = await book(client, "Top")
    own = await book(
        client, "Own", parent_id=top["id"], rules=[rule("parent", percent="-10", plus="-1")]
    )
    await entry(client, top, machine, "50", min_quantity="10")
    few, many = await resolved(client, machine, "1"), await resolved(client, machine, "10")
    assert (few["unit_price"], many["unit_price"]) == (money("98.00"), money("44.00"))
    assert few["path"] == [
        {"price_book_id": own["id"], "found": "rule", "rule": 0},
        {"price_book_id": top["id"], "found": "nothing", "rule": None},
        {"price_book_id": default["id"], "found": "rule", "rule": 0},
    ]
    assert [step["found"] for step in many["path"]] == ["rule", "entry"]
    assert (many["price_book_id"], many["price_entry_id"]) == (own["id"], None)


async def test_no_price_with_tax_is_made_from_one_without(client: AsyncClient) -> None:
    machine, dealer = await product(client), await customer(client)
    default = await book(client, is_default=True, prices_include_tax=True)
    await entry(client, default, machine, "113")
    own = await book(client, customer_id=dealer, rules=[rule("parent", percent="-10")])
    found = await resolved(client, machine, customer_id=dealer)
    assert (found["unit_price"], found["prices_include_tax"]) == (money("113.00"), True)
    assert found["path"][0] == {"price_book_id": own["id"], "found": "no_price", "rule": 0}


async def test_lines_are_answered_in_their_order_also_twice_the_same(client: AsyncClient) -> None:
    one, other, of = await product(client), await product(client), await book(client)
    await entry(client, of, one, "5")
    await entry(client, of, one, "4", min_quantity="10")
    lines = [(one, "10"), (other, "1"), (one, "1")]
    answer = await asked(client, *lines)
    told = [(line["product_id"], line["unit_price"]) for line in answer.json()["lines"]]
    assert told == [(one["id"], money("4.00")), (other["id"], None), (one["id"], money("5.00"))]


async def test_what_is_not_there_is_told_by_its_place(
    client: AsyncClient, caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    machine = await product(client)
    lost, theirs = {"id": f"prd_{NOBODY}"}, await product(await caller())
    async with nothing_changes():
        answer = await asked(client, (machine, "1"), (lost, "1"), (theirs, "2"))
        places = [f"/lines/{n}/product_id" for n in (1, 2)]
        assert wrong(answer) == [(place, "unknown_reference") for place in places]
        for name, id in (("customer_id", f"cus_{NOBODY}"), ("business_unit_id", f"bun_{NOBODY}")):
            answer = await asked(client, (machine, "1"), **{name: id})
            assert wrong(answer) == [(f"/{name}", "unknown_reference")]
        for lines in ([], [{"product_id": machine["id"]}] * 201):
            body = {"currency": "CNY", "lines": lines}
            refused(await client.post("/prices/resolve", json=body), 422, "validation-failed")


async def test_whoever_asks_works_in_his_unit_and_names_customers_that_he_sees(
    client: AsyncClient, with_key: WithKey
) -> None:
    group = await grown(client, with_key)
    machine = await product(client, list_price=money("1"))
    own = await book(client, business_unit_id=group.units["shanghai"], rules=[rule(percent="100")])
    seller = await group.hire("sales", "shanghai")
    found = await asked(seller.client, (machine, "1"))
    assert found.json()["business_unit_id"] == group.units["shanghai"]
    assert found.json()["lines"][0]["price_book_id"] == own["id"]
    hidden = await group.customer("west")
    answer = await asked(seller.client, (machine, "1"), customer_id=hidden)
    assert wrong(answer) == [("/customer_id", "unknown_reference")]


async def test_two_hundred_lines_are_found_in_one_statement(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = await product(client, list_price=money("1"))
    await book(client, rules=[rule("parent")])
    fetch, counted = UnitOfWork.fetch, []

    async def counting(self: UnitOfWork, *args: Any) -> Any:
        counted.append(1)
        return await fetch(self, *args)

    monkeypatch.setattr(UnitOfWork, "fetch", counting)
    answer = await asked(client, *[(machine, str(n)) for n in range(200)], on="2027-01-01")
    assert len(answer.json()["lines"]) == 200
    assert len(counted) == 1
