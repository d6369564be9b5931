"""What of the lines of an order went to the customer, and what came back: pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm_api.kit.rounding import part_of, plain
from crm_api.kit.words import say
from crm_api.platform.totals.rules import NOUGHT

from .errors import UnfitGoods, Wrong

Line = Mapping[str, Any]
Lines = Sequence[Line]
Quantities = Mapping[int, Decimal]
"""By the numbers of lines."""
WHAT = ("product_id", "kind")
"""What goods are, which those that have left stay."""
SHIPPED, RETURNED = MOVED = ("shipped_quantity", "returned_quantity")


def moved(lines: Lines) -> dict[str, Decimal]:
    """How much of goods is ordered in all, and how much of it went and came back."""
    goods = [line for line in lines if line["kind"] == "goods"]
    columns = {"goods_quantity": "quantity", **dict(zip(MOVED, MOVED, strict=True))}
    return {
        column: sum((Decimal(line[name]) for line in goods), NOUGHT)
        for column, name in columns.items()
    }


def to_ship(lines: Lines) -> dict[int, Decimal]:
    """What of each line of goods has not left yet."""
    return {
        line["line"]: Decimal(line["quantity"]) - Decimal(line[SHIPPED])
        for line in lines
        if line["kind"] == "goods"
    }


def to_return(lines: Lines, *, handed_over: bool) -> dict[int, Decimal]:
    """What of each line of goods the customer has: what was shipped of it, or all of it where
    nothing of the order was shipped and it was `handed_over`, such as over a counter."""
    goods = [line for line in lines if line["kind"] == "goods"]
    unshipped = handed_over and not any(Decimal(line[SHIPPED]) for line in goods)
    name = "quantity" if unshipped else SHIPPED
    return {line["line"]: Decimal(line[name]) - Decimal(line[RETURNED]) for line in goods}


def check_left(left: Quantities, more: Quantities) -> None:
    """That so much is left of the lines that a body names in this order. Raises UnfitGoods."""
    if wrong := [one for n, asked in enumerate(more.items()) for one in _misfit(n, *asked, left)]:
        raise UnfitGoods(wrong)


def share_of(line: Line, name: str, quantity: Decimal) -> Decimal:
    """What of a line's `net`, `tax` or `total` the first so many of it bear, rounded half up: what
    several returns bear sums up to the line."""
    money, whole = line[name], Decimal(line["quantity"])
    if not whole:
        return NOUGHT
    return part_of(Decimal(money["amount"]), quantity, whole, money["currency"])


def carried(before: Lines, lines: Lines) -> list[dict[str, Any]]:
    """What was shipped and returned of a line stays its own. Raises UnfitGoods."""
    known = {line["line"]: line for line in before}
    if wrong := list(_lost(known, lines)):
        raise UnfitGoods(wrong)
    none = dict.fromkeys(MOVED, "0")
    return [{**line, **{n: known.get(line["line"], none)[n] for n in MOVED}} for line in lines]


def with_more(lines: Lines, name: str, more: Quantities) -> list[dict[str, Any]]:
    """Lines of which more was shipped or returned; less, where that is below zero."""
    return [
        {**line, name: plain(Decimal(line[name]) + more.get(line["line"], NOUGHT))}
        for line in lines
    ]


def _misfit(n: int, line: int, more: Decimal, left: Quantities) -> Iterator[Wrong]:
    if line not in left:
        message = say("The order has no goods in line {line}.", line=line)
        yield f"/lines/{n}/line", "unknown_line", message
    elif more > left[line]:
        message = say("Send at most {left}.", left=plain(left[line]))
        yield f"/lines/{n}/quantity", "too_much", message


def _lost(known: Mapping[int, Line], lines: Lines) -> Iterator[Wrong]:
    places = {line["line"]: n for n, line in enumerate(lines)}
    for number, line in known.items():
        gone = max(Decimal(line[name]) for name in MOVED)
        if gone and number not in places:
            message = say("Line {line} has been shipped: it stays.", line=number)
            yield "/lines", "line_shipped", message
        elif gone:
            now, place = lines[places[number]], f"/lines/{places[number]}"
            yield from _changed(line, now, gone, place)


def _changed(before: Line, now: Line, gone: Decimal, place: str) -> Iterator[Wrong]:
    if Decimal(now["quantity"]) < gone:
        message = say("{shipped} of it have been shipped.", shipped=plain(gone))
        yield f"{place}/quantity", "line_shipped", message
    for name in WHAT:
        if now[name] != before[name]:
            message = say("It has been shipped: it stays this product.")
            yield f"{place}/{name}", "line_shipped", message
