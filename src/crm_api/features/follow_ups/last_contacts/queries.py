"""With whom somebody spoke, for which unit and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

Fields = Mapping[str, Any]
Pair = tuple[UUID, UUID]
"""A customer and a unit."""
Contact = tuple[Pair, datetime]


def pair_of(record: Fields) -> Pair:
    return record["customer_id"], record["business_unit_id"]
