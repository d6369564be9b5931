"""What the lines of a document come to, with discounts and taxes: pure functions.

A document's discount, and the tax at each rate, are rounded once, half up, and spread over the
lines by the largest remainder. So lines sum up to the document, and its tax is that of its rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_api.kit.rounding import EXACT, part_of, rounded, spread
from crm_api.kit.words import say

from .errors import UnfitTotals

MOST_WORTH = Decimal(10**12)
NOUGHT, HUNDRED = Decimal(), Decimal(100)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all lines: whether prices include tax, and what is taken off the whole."""

    currency: str
    with_tax: bool = False
    percent_off: Decimal = NOUGHT
    amount_off: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line before it is reckoned. Without a rate it bears no tax."""

    quantity: Decimal
    unit_price: Decimal
    percent_off: Decimal = NOUGHT
    amount_off: Decimal | None = None
    tax_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of one line: what it costs, with tax or without as prices are, what was taken off it, alone
    and with the whole document, and the tax on it."""

    cost: Decimal
    own_discount: Decimal
    share: Decimal
    tax: Decimal

    def net(self, terms: Terms) -> Decimal:
        return self.cost - self.tax if terms.with_tax else self.cost

    def total(self, terms: Terms) -> Decimal:
        return self.cost if terms.with_tax else self.cost + self.tax


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a document: `subtotal` is before `discount`, with tax or without as prices are."""

    subtotal: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def reckoned(items: Sequence[Item], terms: Terms) -> list[Amounts]:
    """What each line comes to. Raises UnfitTotals."""
    gross = [rounded(EXACT.multiply(i.quantity, i.unit_price), terms.currency) for i in items]
    off = [_off(n, item, gross[n], terms) for n, item in enumerate(items)]
    left = [whole - less for whole, less in zip(gross, off, strict=True)]
    shares = spread(_whole_discount(sum(left, NOUGHT), terms), left, terms.currency)
    costs = [cost - share for cost, share in zip(left, shares, strict=True)]
    taxes = _taxes([item.tax_percent for item in items], costs, terms)
    return [Amounts(*one) for one in zip(costs, off, shares, taxes, strict=True)]


def summed(amounts: Sequence[Amounts], terms: Terms) -> Totals:
    """Raises UnfitTotals where that is no sum of a document."""
    discount = sum((one.share for one in amounts), NOUGHT)
    totals = Totals(
        subtotal=sum((one.cost for one in amounts), discount),
        discount=discount,
        net=sum((one.net(terms) for one in amounts), NOUGHT),
        tax=sum((one.tax for one in amounts), NOUGHT),
    )
    _check_size(totals, amounts, terms)
    return totals


def by_rate(rates: Sequence[Decimal | None]) -> Mapping[Decimal, list[int]]:
    """The places of the lines that have a rate, highest rate first."""
    found: dict[Decimal, list[int]] = {}
    for n, rate in enumerate(rates):
        if rate is not None:
            found.setdefault(rate, []).append(n)
    return {rate: found[rate] for rate in sorted(found, reverse=True)}


def _off(n: int, item: Item, gross: Decimal, terms: Terms) -> Decimal:
    pointer = f"/lines/{n}/discount_amount"
    return _less(gross, item.percent_off, item.amount_off, terms.currency, pointer)


def _whole_discount(subtotal: Decimal, terms: Terms) -> Decimal:
    off = terms.percent_off, terms.amount_off
    return _less(subtotal, *off, terms.currency, "/discount_amount")


def _less(
    whole: Decimal, percent: Decimal, amount: Decimal | None, currency: str, pointer: str
) -> Decimal:
    if amount is None:
        return part_of(whole, percent, HUNDRED, currency)
    if amount > whole:
        message = say("It is more than what it is taken off.")
        raise UnfitTotals(pointer, "discount_too_much", message)
    return amount


def _taxes(
    rates: Sequence[Decimal | None], costs: Sequence[Decimal], terms: Terms
) -> list[Decimal]:
    taxes = [NOUGHT] * len(costs)
    for rate, places in by_rate(rates).items():
        weights = [costs[n] for n in places]
        whole = HUNDRED + rate if terms.with_tax else HUNDRED
        tax = part_of(sum(weights, NOUGHT), rate, whole, terms.currency)
        shares = spread(tax, weights, terms.currency)
        for n, share in zip(places, shares, strict=True):
            taxes[n] = share
    return taxes


def _check_size(totals: Totals, amounts: Sequence[Amounts], terms: Terms) -> None:
    """Also what lines less than nothing take away again has twelve digits."""
    sums = totals.subtotal, totals.net, totals.tax, totals.total
    extent = sum((abs(one.net(terms)) + abs(one.tax) for one in amounts), NOUGHT)
    if any(abs(one) >= MOST_WORTH for one in (*sums, extent, *(a.own_discount for a in amounts))):
        raise UnfitTotals("/lines", "too_much", say("The sum has more than twelve digits."))
    if any(one < 0 for one in sums):
        raise UnfitTotals("/lines", "amount_negative", say("The sum is below zero."))
