"""What becomes of an order as its goods and its money move: pure functions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm_api.features.trade.goods.schemas import (
    RETURNED,
    SHIPPED,
    Quantities,
    check_left,
    moved,
    to_return,
    to_ship,
    with_more,
)
from crm_api.features.trade.orders.resource import UNDER_WAY
from crm_api.features.trade.terms.schemas import OrderStatus

from .errors import NotUnderWay

Order = Mapping[str, Any]
TAKEN_ON = (*UNDER_WAY, OrderStatus.completed)


def shipped(order: Order, more: Quantities) -> dict[str, Any]:
    """The first goods that leave bring an order under way. Raises NotUnderWay, UnfitGoods."""
    check_left(to_ship(order["lines"]), more)
    return {**brought_back(order, more), "status": _begun(taken_on(order["status"]))}


def brought_back(order: Order, more: Quantities) -> dict[str, Any]:
    """Goods on their way; those that could not be delivered are less than nothing."""
    lines = with_more(order["lines"], SHIPPED, more)
    return {"lines": lines, **moved(lines)}


def taken_back(order: Order, more: Quantities) -> dict[str, Any]:
    """Raises NotUnderWay, UnfitGoods."""
    has_ended = taken_on(order["status"]) == OrderStatus.completed
    check_left(to_return(order["lines"], handed_over=has_ended), more)
    lines = with_more(order["lines"], RETURNED, more)
    return {"lines": lines, **moved(lines)}


def paid(order: Order, more: Decimal, place: str) -> dict[str, Any]:
    """Less, where `more` is below zero. Raises NotUnderWay for money that is allocated to a draft
    or a cancelled order, which a body names in this place."""
    if more > 0:
        taken_on(order["status"], place)
    return {"paid": order["paid"] + more}


def taken_on(status: OrderStatus, place: str = "/order_id") -> OrderStatus:
    """Raises NotUnderWay for a draft and a cancelled order."""
    if status not in TAKEN_ON:
        raise NotUnderWay(status, place)
    return status


def _begun(status: OrderStatus) -> OrderStatus:
    return OrderStatus.in_progress if status == OrderStatus.confirmed else status
