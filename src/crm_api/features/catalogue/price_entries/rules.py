"""What makes a price of a book: pure functions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.kit.words import say

from .errors import UnfitPriceEntry

Key = tuple[UUID, UUID, Decimal, date | None]
"""Price book, product, the quantity from which on, and the day from which on."""
Sent = Mapping[str, Any]


def check(entry: Sent) -> None:
    """Of the columns of an entry. Raises UnfitPriceEntry."""
    begins, ends = entry["valid_from_on"], entry["valid_until_on"]
    if begins and ends and ends <= begins:
        message = say("Send a date after `valid_from_on`.")
        raise UnfitPriceEntry("valid_until_on", "ends_too_early", message)


def columns(sent: Sent, currency: str) -> dict[str, Any]:
    """What was sent as columns have it, of a book in this currency. Raises UnfitPriceEntry."""
    made = dict(sent)
    if "min_quantity" in sent:
        made["min_quantity"] = Decimal(sent["min_quantity"])
    if "unit_price" in sent:
        if sent["unit_price"]["currency"] != currency:
            message = say("Send a price in {currency}, as all of its book are.", currency=currency)
            raise UnfitPriceEntry("unit_price/currency", "other_currency", message)
        made["unit_price"] = Decimal(sent["unit_price"]["amount"])
    return made
