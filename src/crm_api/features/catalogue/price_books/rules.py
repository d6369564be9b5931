"""What makes a price book, and what its rules make of a price: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from crm_api.features.catalogue.product_categories.resource import PRODUCT_CATEGORY
from crm_api.kit.rounding import EXACT
from crm_api.kit.words import say

from .errors import UnfitPriceBook
from .models import RoundingMode, RuleBase

MOST_LEVELS, MOST_RULES = 6, 50
MOST_PRICE = Decimal(10**12)
UNIT_PRICE = Decimal("0.000001")
MODES = {
    RoundingMode.half_up: ROUND_HALF_UP,
    RoundingMode.up: ROUND_CEILING,
    RoundingMode.down: ROUND_FLOOR,
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """To multiples of `to`, each plus `ending`."""

    to: Decimal
    mode: str
    ending: Decimal

    def of(self, price: Decimal) -> Decimal:
        steps = EXACT.divide(EXACT.subtract(price, self.ending), self.to)
        whole = steps.to_integral_value(MODES[RoundingMode(self.mode)])
        return max(EXACT.add(EXACT.multiply(whole, self.to), self.ending), self.ending)


@dataclass(frozen=True, slots=True)
class PriceRule:
    """What a price is where no entry says it, for products of a category and a kind, if any."""

    category_id: UUID | None
    kind: str | None
    base: str
    percent: Decimal
    plus: Decimal
    rounding: Rounding | None

    def fits(self, kind: str, categories: frozenset[UUID]) -> bool:
        """`categories` are that of the product and those above it."""
        in_category = self.category_id is None or self.category_id in categories
        return in_category and self.kind in (None, kind)

    def of(self, base: Decimal) -> Decimal | None:
        """Not below zero, rounded half up to six digits where nothing else is said; null where it
        has more digits than a price may have."""
        share = EXACT.multiply(base, 100 + self.percent).scaleb(-2, EXACT)
        price = max(EXACT.add(share, self.plus), Decimal())
        rounded = self.rounding.of(price) if self.rounding else EXACT.quantize(price, UNIT_PRICE)
        return rounded if rounded < MOST_PRICE else None


def read_rules(told: Sequence[Mapping[str, Any]]) -> list[PriceRule]:
    """As a book keeps them."""
    return [
        PriceRule(
            category_id=rule["category_id"] and PRODUCT_CATEGORY.prefix.read(rule["category_id"]),
            kind=rule["kind"],
            base=RuleBase(rule["base"]),
            percent=Decimal(rule["percent"]),
            plus=Decimal(rule["plus"] or 0),
            rounding=_rounding(rule["rounding"]),
        )
        for rule in told
    ]


def _rounding(told: Mapping[str, Any] | None) -> Rounding | None:
    if told is None:
        return None
    return Rounding(Decimal(told["to"]), told["mode"], Decimal(told["ending"] or 0))


def categories(rules: Sequence[Mapping[str, Any]]) -> dict[str, UUID]:
    """Those that rules name, by where they stand in the body."""
    named = ((n, rule["category_id"]) for n, rule in enumerate(rules) if rule["category_id"])
    return {f"/rules/{n}/category_id": PRODUCT_CATEGORY.prefix.read(id) for n, id in named}


def check(book: Mapping[str, Any]) -> None:
    """Of the columns of a book. Raises UnfitPriceBook."""
    begins, ends = book["valid_from_on"], book["valid_until_on"]
    if begins and ends and ends <= begins:
        message = say("Send a date after `valid_from_on`.")
        raise UnfitPriceBook("valid_until_on", "ends_too_early", message)
    if book["customer_id"] and book["grade"]:
        message = say("Send a customer or a grade.")
        raise UnfitPriceBook("grade", "customer_and_grade", message)
    limits = (book["customer_id"], book["grade"], book["business_unit_id"])
    if book["is_default"] and any(limits):
        message = say("The default book is for all units and customers.")
        raise UnfitPriceBook("is_default", "default_for_everybody", message)


def check_parent(book: Mapping[str, Any], parent: Mapping[str, Any]) -> None:
    """Raises UnfitPriceBook."""
    if parent["currency"] != book["currency"]:
        message = say("Send a book in {currency}.", currency=book["currency"])
        raise UnfitPriceBook("parent_id", "other_currency", message)
    if parent["prices_include_tax"] != book["prices_include_tax"]:
        message = say("Send a book whose prices include tax as those of this one do.")
        raise UnfitPriceBook("parent_id", "other_tax", message)
