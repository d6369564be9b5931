"""Exact arithmetic with money: rounding, and shares that sum up to the whole."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from .currencies import digits_of

EXACT = Context(prec=64, rounding=ROUND_HALF_UP)
"""More digits than a quantity, a price and a rate have together."""


def rounded(value: Decimal, currency: str) -> Decimal:
    """Half up, to the digits of the currency (ISO 4217); a negative value as the positive one."""
    return EXACT.quantize(value, _unit(currency))


def part_of(value: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """`value` x `part` / `whole`, rounded once: of 13 % that is 13 of 100, or of 113."""
    return rounded(EXACT.divide(EXACT.multiply(value, part), whole), currency)


def spread(whole: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Parts of `whole` in proportion to `weights`, which are not negative, in units of the
    currency: what rounding down leaves goes to the largest remainders (Hare's quota), first ones
    first. The parts sum up to the whole, and none of a smaller whole exceeds its weight.
    """
    unit = _unit(currency)
    units, sizes = int(whole / unit), [int(weight / unit) for weight in weights]
    total = sum(sizes) or 1
    parts = [units * size // total for size in sizes]
    fractions = [units * size % total for size in sizes]
    largest = sorted(range(len(sizes)), key=lambda n: -fractions[n])
    for n in largest[: units - sum(parts)]:
        parts[n] += 1
    return [part * unit for part in parts]


def plain(value: Decimal) -> str:
    """A decimal number as text, without trailing zeros and exponents."""
    return format(value.normalize(EXACT), "f") if value else "0"


def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-digits_of(currency))
