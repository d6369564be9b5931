"""Lines as documents keep them, in the contract's own spelling, and the columns of their sums."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm_api.kit.money import written
from crm_api.kit.rounding import plain

from . import rules
from .rules import NOUGHT, Amounts, Item, Terms

Fields = Mapping[str, Any]
Lines = Sequence[Fields]


def terms_of(document: Fields) -> Terms:
    return Terms(
        currency=document["currency"],
        with_tax=document["prices_include_tax"],
        percent_off=Decimal(document["discount_percent"]),
        amount_off=document["discount_amount"],
    )


def columns(document: Fields, lines: Lines, *, given: bool) -> dict[str, Any]:
    """The lines of a document with their money, and its sums; `given` lines have their `net` and
    `tax` already. Raises UnfitTotals."""
    terms = terms_of(document)
    amounts = _given(lines, terms) if given else rules.reckoned([*map(_item, lines)], terms)
    whole = rules.summed(amounts, terms)
    return {
        "lines": [_told(*one, terms) for one in zip(lines, amounts, strict=True)],
        "taxes": _taxes(lines, amounts, terms),
        "subtotal": whole.subtotal,
        "discount": whole.discount,
        "net": whole.net,
        "tax": whole.tax,
        "total": whole.total,
    }


def money(value: Decimal, currency: str) -> dict[str, str]:
    return {"amount": written(value, currency), "currency": currency}


def value(money: Fields | None) -> Decimal:
    return NOUGHT if money is None else Decimal(money["amount"])


def _given(lines: Lines, terms: Terms) -> list[Amounts]:
    name = "total" if terms.with_tax else "net"
    return [
        Amounts(value(line[name]), value(line["discount_amount"]), NOUGHT, value(line["tax"]))
        for line in lines
    ]


def _item(line: Fields) -> Item:
    off, rate = line["discount_amount"], line["tax_percent"]
    return Item(
        quantity=Decimal(line["quantity"]),
        unit_price=value(line["unit_price"]),
        percent_off=Decimal(line["discount_percent"]),
        amount_off=value(off) if off else None,
        tax_percent=Decimal(rate) if rate is not None else None,
    )


def _told(line: Fields, amounts: Amounts, terms: Terms) -> dict[str, Any]:
    made = {
        "discount": amounts.own_discount,
        "document_discount": amounts.share,
        "net": amounts.net(terms),
        "tax": amounts.tax,
        "total": amounts.total(terms),
    }
    return {**line, **{name: money(one, terms.currency) for name, one in made.items()}}


def _taxes(lines: Lines, amounts: Sequence[Amounts], terms: Terms) -> list[dict[str, Any]]:
    rates = [line["tax_percent"] for line in lines]
    places = rules.by_rate([None if rate is None else Decimal(rate) for rate in rates])
    return [_tax(rate, [amounts[n] for n in at], terms) for rate, at in places.items()]


def _tax(rate: Decimal, amounts: Sequence[Amounts], terms: Terms) -> dict[str, Any]:
    return {
        "percent": plain(rate),
        "net": money(sum((one.net(terms) for one in amounts), NOUGHT), terms.currency),
        "tax": money(sum((one.tax for one in amounts), NOUGHT), terms.currency),
    }
