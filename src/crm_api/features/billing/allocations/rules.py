"""How much of a receipt pays for which orders: pure functions."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.trade.orders.resource import ORDER
from crm_api.kit.money import written
from crm_api.kit.words import say

from .errors import UnfitAllocations, Wrong

Columns = Mapping[str, Any]
Allocations = Sequence[Mapping[str, Any]]
"""Each `{"order_id": "ord_...", "amount": {"amount": "12.00", "currency": "CNY"}}`, and each order
once."""
NOUGHT, MOST_ORDERS = Decimal(0), 1_000


def allocated(allocations: Allocations) -> dict[str, Any]:
    """The columns of a receipt that pays for this."""
    total = sum(amounts(allocations).values(), NOUGHT)
    return {"allocations": list(allocations), "allocated": total}


def amounts(allocations: Allocations) -> dict[UUID, Decimal]:
    """By the ids of orders."""
    return {_order(one): Decimal(one["amount"]["amount"]) for one in allocations}


def less(allocations: Allocations) -> dict[UUID, Decimal]:
    """What orders are paid no more when these are taken off them."""
    return {id: -amount for id, amount in amounts(allocations).items()}


def places(allocations: Allocations, known: Iterable[Columns] = ()) -> dict[UUID, str]:
    """Where orders are named in a body that allocates so; without those that are known."""
    ids = {one["order_id"] for one in known}
    listed = enumerate(allocations)
    return {
        _order(one): f"/allocations/{n}/order_id" for n, one in listed if one["order_id"] not in ids
    }


def check_left(asked: Allocations, left: Decimal, currency: str) -> None:
    """That so much is left to be allocated. Raises UnfitAllocations."""
    if wrong := list(_too_much(asked, left, currency)):
        raise UnfitAllocations(wrong)


def misfits(receipt: Columns, order: Columns, more: Decimal, place: str) -> Iterator[Wrong]:
    """What keeps a receipt from paying so much more of an order, as that is before; a body names
    the order in this place."""
    if order["customer_id"] != receipt["customer_id"]:
        yield place, "other_customer", say("Send an order of the customer who has paid.")
    due = max(order["total"] - order["paid"], NOUGHT)
    if order["currency"] != receipt["currency"]:
        message = say("The order is in {currency}.", currency=order["currency"])
        yield place, "other_currency", message
    elif more > due:
        message = say("Send at most {left}.", left=written(due, order["currency"]))
        yield place.replace("order_id", "amount"), "more_than_due", message


def with_more(known: Allocations, asked: Allocations) -> list[dict[str, Any]]:
    """Those of one order become one; all are in one currency. Raises UnfitAllocations."""
    sums = amounts(known)
    for id, more in amounts(asked).items():
        sums[id] = sums.get(id, NOUGHT) + more
    if len(sums) > MOST_ORDERS:
        message = say("A receipt pays for {most} orders at most.", most=MOST_ORDERS)
        raise UnfitAllocations([("/allocations", "too_many", message)])
    return [_said(id, amount, asked[0]["amount"]["currency"]) for id, amount in sums.items()]


def without(known: Allocations, orders: Collection[str]) -> tuple[Allocations, Allocations]:
    """What is left without some orders, and what is taken off."""
    left = [one for one in known if one["order_id"] not in orders]
    return left, [one for one in known if one["order_id"] in orders]


def _too_much(asked: Allocations, left: Decimal, currency: str) -> Iterator[Wrong]:
    for n, (one, amount) in enumerate(zip(asked, amounts(asked).values(), strict=True)):
        if one["amount"]["currency"] != currency:
            message = say("The receipt is in {currency}.", currency=currency)
            yield f"/allocations/{n}/amount/currency", "other_currency", message
        elif amount > left:
            message = say("Send at most {left}.", left=written(max(left, NOUGHT), currency))
            yield f"/allocations/{n}/amount", "more_than_left", message
        left -= amount


def _said(order: UUID, amount: Decimal, currency: str) -> dict[str, Any]:
    money = {"amount": written(amount, currency), "currency": currency}
    return {"order_id": ORDER.prefix.write(order), "amount": money}


def _order(allocation: Columns) -> UUID:
    return ORDER.prefix.read(allocation["order_id"])
