"""What of an order a shipment or a return is about: pure functions."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crm_api.features.trade.goods.schemas import Quantities, to_ship
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.kit.rounding import plain

from .errors import NothingLeft

Lines = list[dict[str, Any]]


def lines_of(order: OrderRead) -> Lines:
    """As the order keeps them."""
    return [line.model_dump(mode="json") for line in order.lines]


def quantities(lines: Iterable[Mapping[str, Any]]) -> Quantities:
    return {line["line"]: Decimal(line["quantity"]) for line in lines}


def normal(lines: Iterable[Mapping[str, Any]]) -> Lines:
    """Lines as they are kept."""
    return [{**line, "quantity": plain(Decimal(line["quantity"]))} for line in lines]


def all_left(order: OrderRead) -> Lines:
    """All that has not left yet. Raises NothingLeft."""
    left = to_ship(lines_of(order))
    lines = [{"line": line, "quantity": plain(rest)} for line, rest in left.items() if rest > 0]
    if not lines:
        raise NothingLeft
    return lines
