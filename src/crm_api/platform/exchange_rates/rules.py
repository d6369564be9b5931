"""What an amount is worth in another currency, as pure functions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm_api.kit.rounding import EXACT, rounded

from .errors import SameCurrency


def converted(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """`amount` x `rate`, in units of `currency`, rounded half up to its digits (ISO 4217); a
    negative amount is rounded as the positive one is. `criteria.worth` is the same in SQL."""
    return rounded(EXACT.multiply(amount, rate), currency)


def check_pair(currency: str, base_currency: str) -> None:
    """Raises SameCurrency."""
    if currency == base_currency:
        raise SameCurrency(currency)


def exact(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a rate, with the number that its text says."""
    return {**sent, "rate": Decimal(sent["rate"])} if "rate" in sent else {**sent}
