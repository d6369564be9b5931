"""What a return comes to, as it is asked for and as its goods arrive: pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from crm_api.features.trade.fulfilment.schemas import lines_of, normal, quantities
from crm_api.features.trade.goods.schemas import (
    RETURNED,
    Quantities,
    check_left,
    share_of,
    to_return,
)
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.rounding import plain
from crm_api.kit.words import say
from crm_api.platform.totals.documents import money, value
from crm_api.platform.totals.rules import NOUGHT

from .errors import NotAwaited, SettledReturn, Wrong
from .models import ReturnState

WRITE = "returns:write"
Sent = Mapping[str, Any]
Lines = Sequence[Sent]
Amounts = Mapping[str, Decimal]
UNTIL_DECIDED = ("lines", "reason")
RECEIVED = "received_quantity"
NOTHING = dict.fromkeys(("net", "tax", "total"), NOUGHT)


class Known(Protocol):
    """A return as it is before a change."""

    status: Any


def begun(order: OrderRead, sent: Sent) -> dict[str, Any]:
    """A new return of an order. Raises UnfitGoods."""
    copied = {
        "order_id": order.id,
        "customer_id": order.customer_id,
        "business_unit_id": order.business_unit_id,
        "currency": order.currency,
    }
    said = {"reason": None, "note": None, **sent, "lines": asked(order, sent["lines"])}
    return {"status": ReturnState.requested, **copied, **_received(NOTHING), **said}


def asked(order: OrderRead, sent: Lines) -> list[dict[str, Any]]:
    """Lines of which nothing has arrived, with what they will bear if nothing else comes before.

    Raises UnfitGoods where the customer has not so much.
    """
    lines, handed_over = lines_of(order), order.status == OrderStatus.completed
    check_left(to_return(lines, handed_over=handed_over), quantities(sent))
    sold = {line["line"]: line for line in lines}
    none = {RECEIVED: "0", **_received(_told(NOTHING, order.currency))}
    return [{**line, **none, **_expected(line, sold[line["line"]], order)} for line in normal(sent)]


def check_settled(known: Known, values: Sent) -> None:
    """Raises SettledReturn."""
    fixed = () if known.status == ReturnState.requested else UNTIL_DECIDED
    if wrong := [name for name in fixed if name in values]:
        raise SettledReturn(wrong, known.status)


def arriving(lines: Lines, sent: Lines | None) -> Quantities:
    """What arrives of a return: all that has not, where nothing is said. Raises NotAwaited."""
    awaited = {one["line"]: Decimal(one["quantity"]) - Decimal(one[RECEIVED]) for one in lines}
    if sent is None:
        return {line: rest for line, rest in awaited.items() if rest}
    more = quantities(sent)
    if wrong := [
        one for n, asked in enumerate(more.items()) for one in _misfit(n, *asked, awaited)
    ]:
        raise NotAwaited(wrong)
    return more


def arrived(lines: Lines, more: Quantities, order: OrderRead) -> dict[str, Any]:
    """A return of which so much has come back; the order is as it was before that."""
    sold = {line["line"]: line for line in lines_of(order)}
    told = [
        _with_more(line, more[line["line"]], sold[line["line"]], order)
        if line["line"] in more
        else line
        for line in lines
    ]
    is_complete = all(line[RECEIVED] == line["quantity"] for line in told)
    state = ReturnState.received if is_complete else ReturnState.partially_received
    sums = {n: sum((value(line[n]) for line in told), NOUGHT) for n in _received(NOTHING)}
    return {"status": state, "lines": told, **sums}


def _with_more(line: Sent, more: Decimal, sold: Sent, order: OrderRead) -> dict[str, Any]:
    come, before = Decimal(line[RECEIVED]) + more, Decimal(sold[RETURNED])
    rest = Decimal(line["quantity"]) - come
    now = _borne(sold, before, more, with_tax=order.prices_include_tax)
    later = _borne(sold, before + more, rest, with_tax=order.prices_include_tax)
    received = {name: value(line[f"received_{name}"]) + now[name] for name in now}
    whole = {name: received[name] + later[name] for name in now}
    told = _told(whole, order.currency), _received(_told(received, order.currency))
    return {**line, RECEIVED: plain(come), **told[0], **told[1]}


def _expected(line: Sent, sold: Sent, order: OrderRead) -> dict[str, Any]:
    before, more = Decimal(sold[RETURNED]), Decimal(line["quantity"])
    return _told(_borne(sold, before, more, with_tax=order.prices_include_tax), order.currency)


def _borne(sold: Sent, before: Decimal, more: Decimal, *, with_tax: bool) -> Amounts:
    """What so much of a line bears that comes back after so much of it did before; what is
    rounded is the tax, and the price as it was said."""

    def part(name: str) -> Decimal:
        end = min(before + more, Decimal(sold["quantity"]))
        return share_of(sold, name, end) - share_of(sold, name, before)

    tax = part("tax")
    if with_tax:
        total = part("total")
        return {"net": total - tax, "tax": tax, "total": total}
    net = part("net")
    return {"net": net, "tax": tax, "total": net + tax}


def _received(amounts: Mapping[str, Any]) -> dict[str, Any]:
    return {f"received_{name}": one for name, one in amounts.items()}


def _told(amounts: Amounts, currency: str) -> dict[str, Any]:
    return {name: money(one, currency) for name, one in amounts.items()}


def _misfit(n: int, line: int, more: Decimal, awaited: Quantities) -> Iterator[Wrong]:
    if line not in awaited:
        message = say("The return is not about line {line}.", line=line)
        yield f"/lines/{n}/line", "unknown_line", message
    elif more > awaited[line]:
        message = say("Send at most {left}.", left=plain(awaited[line]))
        yield f"/lines/{n}/quantity", "too_much", message
