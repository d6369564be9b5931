"""What the households bought: each basket with its lines, as the file has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .journey import opened, parquet

AT_ONCE = 100
NEWEST_FIRST = """
    SELECT basket_id FROM read_parquet($transactions) GROUP BY basket_id
    ORDER BY max(transaction_timestamp) DESC, basket_id DESC
"""
BASKETS = """
    WITH chosen AS (SELECT unnest($ids) AS basket_id)
    SELECT basket_id, household_id, store_id, transaction_timestamp, list(row(
        product_id, quantity, sales_value::DECIMAL(12, 2),
        retail_disc::DECIMAL(12, 2) + coupon_match_disc::DECIMAL(12, 2)) ORDER BY product_id)
    FROM read_parquet($transactions) SEMI JOIN chosen USING (basket_id)
    GROUP BY ALL ORDER BY transaction_timestamp, basket_id
"""


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a product. `amount` is what the grocer got for it, in US dollars, and `discount`
    what he took off before: for his loyalty card, and to match a coupon.

    What a manufacturer's coupon paid of it is in the amount. Some lines have a quantity of 0.
    """

    product: int
    quantity: int
    amount: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Basket:
    id: int
    household: int
    store: int
    bought_at: datetime
    lines: tuple[Line, ...]


def spread(most: int | None = None) -> list[int]:
    """So many of the year's 155,848 baskets, or all: the newest, and from there back one of so
    many, so that each month has its share."""
    with opened() as database:
        rows = database.execute(NEWEST_FIRST, {"transactions": parquet("transactions")}).fetchall()
    step = max(1, len(rows) // (most or len(rows)))
    return [id for (id,) in rows[::step][:most]]


def baskets(ids: Sequence[int]) -> Iterator[Basket]:
    """Oldest first."""
    with opened() as database:
        found = database.execute(BASKETS, {"transactions": parquet("transactions"), "ids": ids})
        while rows := found.fetchmany(AT_ONCE):
            yield from (_basket(*row) for row in rows)


def _basket(id: int, household: int, store: int, at: datetime, lines: list[Any]) -> Basket:
    bought = tuple(Line(*line) for line in lines)
    return Basket(id, household, store, at.replace(tzinfo=UTC), bought)
