"""Allocations add up, whatever is added to them and taken off: properties of the pure rules."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.billing.allocations import schemas as rules
from crm_api.features.billing.allocations.errors import UnfitAllocations
from crm_api.features.billing.allocations.rules import MOST_ORDERS, less, misfits, places
from crm_api.features.trade.orders.resource import ORDER
from crm_api.kit.currencies import digits_of
from crm_api.kit.errors import Invalid
from crm_api.kit.money import written

Allocations = list[dict[str, Any]]
ORDERS = [UUID(int=7 << 76 | 2 << 62 | n) for n in range(6)]
CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD"])
UNITS = st.integers(1, 10**9)
SHARES = st.dictionaries(st.sampled_from(ORDERS), UNITS, max_size=6)


def money(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-digits_of(currency))


def said(shares: dict[UUID, int], currency: str) -> Allocations:
    """As a body has them."""
    return [
        {
            "order_id": ORDER.prefix.write(order),
            "amount": {"amount": written(money(units, currency), currency), "currency": currency},
        }
        for order, units in shares.items()
    ]


@given(SHARES, SHARES.filter(bool), CURRENCIES)
def test_what_is_added_adds_up_order_by_order(
    known: dict[UUID, int], more: dict[UUID, int], currency: str
) -> None:
    after = rules.with_more(said(known, currency), said(more, currency))
    sums = {id: money(known.get(id, 0) + more.get(id, 0), currency) for id in {**known, **more}}
    assert rules.amounts(after) == sums
    columns = rules.allocated(after)
    assert columns["allocated"] == sum(sums.values())
    assert columns["allocations"] == after


def test_a_receipt_pays_for_so_many_orders_and_no_more() -> None:
    some = {UUID(int=n): 1 for n in range(1, MOST_ORDERS + 1)}
    one, other = {UUID(int=1): 1}, {UUID(int=0): 1}
    assert len(rules.with_more(said(some, "CNY"), said(one, "CNY"))) == MOST_ORDERS
    with pytest.raises(UnfitAllocations):
        rules.with_more(said(some, "CNY"), said(other, "CNY"))


@given(SHARES, st.sets(st.sampled_from(ORDERS)), CURRENCIES)
def test_what_is_taken_off_and_what_is_left_is_all(
    known: dict[UUID, int], orders: set[UUID], currency: str
) -> None:
    before = said(known, currency)
    left, off = rules.without(before, {ORDER.prefix.write(id) for id in orders})
    assert rules.amounts(left).keys() == known.keys() - orders
    assert {**rules.amounts(left), **rules.amounts(off)} == rules.amounts(before)
    assert less(off) == {id: -amount for id, amount in rules.amounts(off).items()}


@given(SHARES.filter(bool), UNITS, CURRENCIES)
def test_no_more_is_taken_than_is_left(shares: dict[UUID, int], left: int, currency: str) -> None:
    asked, refused = said(shares, currency), None
    try:
        rules.check_left(asked, money(left, currency), currency)
    except Invalid as problem:
        refused = problem
    assert (refused is None) == (sum(shares.values()) <= left)
    if refused:
        first = int(refused.errors[0]["pointer"].split("/")[2])
        units = list(shares.values())
        assert sum(units[:first]) <= left < sum(units[: first + 1])


@given(UNITS, UNITS, UNITS, CURRENCIES)
def test_no_more_is_paid_than_is_due(total: int, paid: int, more: int, currency: str) -> None:
    of = {"customer_id": ORDERS[0], "currency": currency}
    order = of | {"total": money(total, currency), "paid": money(paid, currency)}
    wrong = list(misfits(of, order, money(more, currency), "/allocations/0/order_id"))
    assert [code for _, code, _ in wrong] == ["more_than_due"] * (paid + more > total)


@pytest.mark.parametrize(
    ("other", "code"),
    [({"customer_id": ORDERS[1]}, "other_customer"), ({"currency": "EUR"}, "other_currency")],
)
def test_what_does_not_fit_is_named(other: dict[str, Any], code: str) -> None:
    of = {"customer_id": ORDERS[0], "currency": "CNY"}
    order = of | {"total": Decimal(5), "paid": Decimal(0)} | other
    [(pointer, found, _)] = misfits(of, order, Decimal(1), "/allocations/3/order_id")
    assert (pointer, found) == ("/allocations/3/order_id", code)


@given(SHARES, SHARES)
def test_only_orders_that_are_named_anew_are_looked_for(
    known: dict[UUID, int], asked: dict[UUID, int]
) -> None:
    found = places(said(asked, "CNY"), said(known, "CNY"))
    assert found.keys() == asked.keys() - known.keys()
    assert all(list(asked)[int(at.split("/")[2])] == id for id, at in found.items())
