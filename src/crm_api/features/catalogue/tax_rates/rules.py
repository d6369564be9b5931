"""What a tax rate must be, as pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from .errors import EndsTooEarly


@dataclass(frozen=True, slots=True)
class TaxRateInForce:
    """`percent` is between 0 and 100; 13 is 13 %."""

    id: UUID
    percent: Decimal
    name: str


def check_ends(valid_from_on: date, valid_until_on: date | None) -> None:
    """Raises EndsTooEarly."""
    if valid_until_on is not None and valid_until_on <= valid_from_on:
        raise EndsTooEarly


def exact(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a rate, with the number that its text says."""
    return {**sent, "percent": Decimal(sent["percent"])} if "percent" in sent else {**sent}


def regions(region: str) -> list[str]:
    """The region and the country that it is a part of: `CN-31` is of `CN` (ISO 3166-2)."""
    return list(dict.fromkeys((region, region[:2])))
