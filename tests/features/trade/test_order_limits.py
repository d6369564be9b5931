"""Orders at their limits: of numbers, of money, of time, and of what may still be changed."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.conftest import Unchanged
from tests.features.catalogue.shelf import listed
from tests.features.pipeline.selling import acted, deal, money, pipeline, user
from tests.grouping import made

from .conftest import Counter
from .fulfilling import warehouse
from .ordering import Json, counter, given, line, rate, wrong

MOST = "999999999999"


def after(number: str, by: int = 1) -> str:
    head, _, n = number.rpartition("-")
    return f"{head}-{int(n) + by:04}"


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


@pytest.mark.parametrize(
    ("sent", "numbers"),
    [
        ([None, None], [1, 2]),
        ([2, None, None], [2, 4, 3]),
        ([None, 1, 99_999], [4, 1, 99_999]),
        ([99_999, None, 2], [99_999, 4, 2]),
        ([3, 4, None, None, 5], [3, 4, 6, 7, 5]),
    ],
)
async def test_a_line_gets_a_number_that_may_be_sent_again(
    ordering: Counter, sent: list[int | None], numbers: list[int]
) -> None:
    lines = [line() if n is None else line(line=n) for n in sent]
    order = await ordering.order(*lines)
    assert [one["line"] for one in order["lines"]] == numbers
    again = await ordering.put(order, lines=[line(line=n) for n in numbers])
    assert (again.status_code, again.json()) == (200, order)


TOO_MUCH: list[tuple[list[Json], Json]] = [
    ([line(MOST, "2")], {}),
    ([line(MOST, "2"), line(f"-{MOST}", "2")], {}),
    ([line(MOST, "2", discount_percent="100")], {}),
    ([line(MOST, "0.999", tax_percent="13")], {}),
    ([given(MOST, MOST), given(f"-{MOST}", f"-{MOST}")], {"pricing": "given"}),
]


@pytest.mark.parametrize(("lines", "said"), TOO_MUCH)
async def test_no_line_has_more_digits_than_the_order(
    ordering: Counter, nothing_changes: Unchanged, lines: list[Json], said: Json
) -> None:
    async with nothing_changes():
        refused = await ordering.send(*lines, **said)
        assert wrong(refused) == [("/lines", "too_much")]


@pytest.mark.parametrize(
    ("currency", "amount", "total"),
    [("JPY", MOST, MOST), ("KWD", f"{MOST}.999", f"{MOST}.999"), ("CNY", "0.005", "0.01")],
)
async def test_an_order_has_the_digits_of_its_currency(
    ordering: Counter, currency: str, amount: str, total: str
) -> None:
    order = await ordering.order(line(amount, currency=currency), currency=currency)
    assert order["total"] == money(total, currency)


async def test_what_has_too_many_digits_in_the_tenants_currency_is_refused(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    ordering = await counter(client)
    await rate(client, "EUR", "7.5")
    body: Json = {"currency": "EUR", "lines": [line(MOST, currency="EUR")]}
    of = {"customer_id": ordering.customer, "business_unit_id": ordering.unit}
    async with nothing_changes():
        assert wrong(await ordering.send(**body)) == [("/lines", "too_much")]
    items = [{"external_id": str(n), "data": of | said} for n, said in enumerate((body, {}))]
    answer = await ordering.batch(*items)
    assert [one["outcome"] for one in answer.json()["data"]] == ["failed", "created"]


async def test_a_draft_is_worth_what_the_day_says_to_which_it_is_moved(client: AsyncClient) -> None:
    ordering = await counter(client)
    await rate(client, "EUR", "7.5", "2026-01-01")
    await rate(client, "EUR", "8", "2026-02-01")
    said: Json = {"currency": "EUR", "ordered_at": "2026-01-15T12:00:00Z"}
    order = await ordering.order(line("10", currency="EUR"), **said)
    moved = (await ordering.put(order, ordered_at="2026-02-15T12:00:00Z")).json()
    assert (moved["base_total"], moved["exchange_rate"]) == (money("80.00"), "8")
    confirmed = await ordering.acted(moved, "confirm")
    again = (await ordering.put(confirmed, ordered_at="2026-01-15T12:00:00Z")).json()
    assert (again["base_total"], again["revision"]) == (money("80.00"), 1)


async def test_where_a_draft_goes_is_where_it_is_taxed(ordering: Counter) -> None:
    order = await ordering.order(line())
    assert order["tax_region"] is None
    sent = await ordering.put(order, shipping_address={"country": "FR"})
    assert sent.json()["tax_region"] == "FR"


async def test_when_an_order_that_has_ended_was_ordered_stays(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    for verb, said in (("complete", {}), ("cancel", {"reason": "Ordered twice"})):
        order = await ordering.acted(await ordering.order(line(), status="confirmed"), verb, **said)
        async with nothing_changes():
            moved = await ordering.put(order, ordered_at="2020-01-01T00:00:00Z")
            assert wrong(moved, 409) == [("/ordered_at", "order_settled")]
            fewer = await ordering.put(order, lines=[])
            assert wrong(fewer, 409) == [("/lines", "order_settled")]


async def test_a_new_order_without_a_customer_says_what_is_missing(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        refused = await ordering.client.post("/orders", json={"business_unit_id": ordering.unit})
        assert wrong(refused) == [("/customer_id", "missing")]
        assert refused.json()["detail"] == "A new order needs a customer."


async def test_choices_are_told_as_they_are_sent(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    async with nothing_changes():
        [error] = (await ordering.send(status="shipped")).json()["errors"]
    assert error["message"] == "Input should be 'draft' or 'confirmed'"
    assert error["params"] == {"expected": "'draft' or 'confirmed'"}


async def away(client: AsyncClient, ordering: Counter, who: str) -> None:
    """Archives the customer, or revokes the user."""
    place, verb = (f"/users/{who}", "revoke") if who else (f"/customers/{ordering.customer}", "")
    assert (await client.post(f"{place}/{verb or 'archive'}")).is_success


@pytest.mark.parametrize("owned", [True, False])
async def test_nobody_is_kept_from_winning_by_who_is_not_there_any_more(
    client: AsyncClient, *, owned: bool
) -> None:
    ordering = await counter(client)
    await pipeline(client, orders_when_won=True)
    owner = await user(client) if owned else None
    products = [{"name": "Machine", "unit_price": money("10")}]
    named: dict[str, Any] = {"products": products, "owner_id": owner}
    sold = await deal(client, ordering.customer, ordering.unit, **named)
    await away(client, ordering, owner or "")
    await acted(client, sold, "win")
    [order] = await listed(client, "/orders", deal_id=sold["id"])
    assert (order["customer_id"], order["owner_id"]) == (ordering.customer, owner)


async def test_what_nobody_owns_is_taken_on_by_who_makes_an_order_of_it(
    client: AsyncClient,
) -> None:
    ordering = await counter(client)
    await pipeline(client)
    maker = await user(client)
    sold = await deal(client, ordering.customer, ordering.unit, owner_id=None)
    held = {"user_id": maker, "role_id": await administrator(client)}
    await made(client, f"/users/{maker}/activate", None, 200)
    await made(client, "/role-assignments", held)
    behalf = {"Crm-On-Behalf-Of": maker}
    answer = await client.post("/orders", json={"deal_id": sold["id"]}, headers=behalf)
    assert (answer.status_code, answer.json()["owner_id"]) == (201, maker)


async def administrator(client: AsyncClient) -> str:
    [role] = await listed(client, "/roles", code="group_administrator")
    return str(role["id"])


async def test_goods_that_have_left_stay_goods(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    stock = await warehouse(client)
    order = await stock.order("3")
    await stock.sent(order, "2")
    seen = await stock.counter.now(order)
    async with nothing_changes():
        refused = await stock.counter.put(seen, lines=[line("100", "3", kind="service")])
        assert wrong(refused) == [("/lines/0/kind", "line_shipped")]


async def test_a_line_that_names_its_sku_stays_what_it_was_when_the_product_goes_off_sale(
    ordering: Counter,
) -> None:
    sold = await ordering.product(sku="F-200", list_price=money("10"))
    order = await ordering.order({"sku": "F-200"})
    assert order["lines"][0]["product_id"] == sold["id"]
    await ordering.client.post(f"/products/{sold['id']}/discontinue")
    again = await ordering.put(order, lines=[{"sku": "F-200"}])
    assert (again.status_code, again.json()) == (200, order)


async def test_another_thing_without_a_product_needs_a_price_of_its_own(
    ordering: Counter, nothing_changes: Unchanged
) -> None:
    order = await ordering.order(line("5"))
    async with nothing_changes():
        for other in ({"name": "Bread"}, {"name": "Filling machine", "sku": "B"}):
            refused = await ordering.put(order, lines=[other])
            assert wrong(refused) == [("/lines/0/unit_price", "no_price")]
        again = await ordering.put(order, lines=[{"name": "Filling machine"}])
        assert again.json() == order
