"""What lines must be, and what follows from them: pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from crm_api.features.catalogue.price_books.resource import PRICE_BOOK
from crm_api.features.catalogue.price_entries.resource import PRICE_ENTRY
from crm_api.features.catalogue.prices.schemas import Price
from crm_api.features.catalogue.products.schemas import ProductForSale, ProductKind
from crm_api.features.trade.goods.schemas import MOVED
from crm_api.kit.money import PRICE_DIGITS
from crm_api.kit.rounding import EXACT, plain
from crm_api.kit.words import say
from crm_api.platform.totals.documents import money, value

from .errors import UnfitLines, Wrong

Sent = Mapping[str, Any]
Lines = Sequence[Sent]
MONEY = ("unit_price", "discount_amount", "amount", "tax_amount")
FINEST = Decimal(1).scaleb(-PRICE_DIGITS)
OF_GIVEN = ("amount", "tax_amount")
KEPT = ("sku", "name", "kind", "unit", "unit_price", "tax_class", "tax_percent")
SENT = {"source": "sent", "price_book_id": None, "price_entry_id": None}


def numbered(lines: Lines) -> list[dict[str, Any]]:
    """A line that says no number has that of its place, or the next one that is free."""
    taken = {line["line"] for line in lines if "line" in line}
    beyond = (n for n in count(len(lines) + 1) if n not in taken)
    return [
        line if "line" in line else {**line, "line": n if n not in taken else next(beyond)}
        for n, line in enumerate(map(dict, lines), start=1)
    ]


def check(lines: Lines, currency: str, *, given: bool) -> None:
    """What was sent of lines, before anything is looked up. Raises UnfitLines."""
    discounts = _discounts(lines, given=given)
    checks = (_currencies(lines, currency), discounts, _amounts(lines, given=given))
    if wrong := [one for found in checks for one in found]:
        raise UnfitLines(wrong)


def check_complete(lines: Lines, *, given: bool) -> None:
    """What neither the caller nor the catalogue has said. Raises UnfitLines."""
    if wrong := [one for n, line in enumerate(lines) for one in _missing(n, line, given=given)]:
        raise UnfitLines(wrong)


def remembered(before: Lines, lines: Lines) -> list[dict[str, Any]]:
    """What a line leaves out it keeps, while it is about as much of the same product."""
    known = {line["line"]: line for line in before}
    return [_kept(known.get(line["line"]), line) for line in lines]


def described(line: Sent, product: ProductForSale | None) -> dict[str, Any]:
    """A line with what it leaves to its product."""
    if product is None:
        return {**line, "kind": line["kind"] or ProductKind.goods}
    names = ("sku", "name", "kind", "unit", "tax_class")
    return {**line, **{n: getattr(product, n) if line[n] is None else line[n] for n in names}}


def priced(line: Sent, price: Price | None, currency: str, with_tax: bool) -> dict[str, Any]:
    """The unit price that a line has by the price books, as prices are in its order: the tax of a
    price that is meant otherwise is added, or taken out, to six digits."""
    if price is None or price.unit_price is None:
        return {}
    exact = price.unit_price
    if line["tax_percent"] is not None and price.includes_tax not in (None, with_tax):
        whole = 100 + Decimal(line["tax_percent"])
        parts = (whole, Decimal(100)) if with_tax else (Decimal(100), whole)
        exact = EXACT.divide(EXACT.multiply(exact, parts[0]), parts[1])
    trace = {
        "source": price.source,
        "price_book_id": price.price_book_id and PRICE_BOOK.prefix.write(price.price_book_id),
        "price_entry_id": price.price_entry_id and PRICE_ENTRY.prefix.write(price.price_entry_id),
    }
    return {"unit_price": money(EXACT.quantize(exact, FINEST), currency), "price": trace}


def written(line: Sent, currency: str, *, with_tax: bool) -> dict[str, Any]:
    """A complete line as it is kept; one that says its amount has its money by that."""
    kept = {name: found for name, found in line.items() if name not in OF_GIVEN}
    kept |= {"quantity": plain(Decimal(line["quantity"])), **dict.fromkeys(MOVED, "0")}
    kept["discount_percent"] = plain(Decimal(line["discount_percent"]))
    if line["tax_percent"] is not None:
        kept["tax_percent"] = plain(Decimal(line["tax_percent"]))
    if line["amount"] is None:
        return kept
    cost, tax = value(line["amount"]), value(line["tax_amount"])
    net, total = (cost - tax, cost) if with_tax else (cost, cost + tax)
    made = {"net": net, "tax": tax, "total": total}
    return {**kept, **{name: money(one, currency) for name, one in made.items()}}


def _kept(known: Sent | None, line: Sent) -> dict[str, Any]:
    if known is None or not _is_same(known, line):
        return {**line, "price": SENT}
    left_out = {name: known[name] for name in KEPT if line[name] is None}
    return {**line, **left_out, "price": known["price"] if "unit_price" in left_out else SENT}


def _is_same(known: Sent, line: Sent) -> bool:
    same = known["product_id"] == line["product_id"]
    if line["product_id"] is None:
        same &= all(line[name] in (None, known[name]) for name in ("sku", "name"))
    return same and Decimal(known["quantity"]) == Decimal(line["quantity"])


def _currencies(lines: Lines, currency: str) -> Iterator[Wrong]:
    for n, line in enumerate(lines):
        for name in MONEY:
            if line[name] is not None and line[name]["currency"] != currency:
                message = say("The order is in {currency}.", currency=currency)
                yield f"/lines/{n}/{name}/currency", "other_currency", message


def _discounts(lines: Lines, *, given: bool) -> Iterator[Wrong]:
    for n, line in enumerate(lines):
        if line["discount_amount"] is not None and Decimal(line["discount_percent"]):
            message = say("Send a percentage or an amount, not both.")
            yield f"/lines/{n}/discount_amount", "two_discounts", message
        if value(line["discount_amount"]) < 0 and not given:
            message = say("Send an amount that is not below zero")
            yield f"/lines/{n}/discount_amount", "amount_negative", message


def _amounts(lines: Lines, *, given: bool) -> Iterator[Wrong]:
    for n, line in enumerate(lines):
        if given and line["amount"] is None:
            message = say("A line of an order whose `pricing` is `given` says its amount.")
            yield f"/lines/{n}/amount", "missing", message
        for name in () if given else OF_GIVEN:
            if line[name] is not None:
                message = say("Leave it out: it is computed, unless `pricing` is `given`.")
                yield f"/lines/{n}/{name}", "computed", message


def _missing(n: int, line: Sent, *, given: bool) -> Iterator[Wrong]:
    if line["name"] is None:
        yield f"/lines/{n}/name", "missing", say("Name what is ordered, or send a product.")
    if line["unit_price"] is None and not given:
        message = say("No price is known in this currency: send one.")
        yield f"/lines/{n}/unit_price", "no_price", message
