"""What the API holds of the year's trade, beside what DuckDB reckons from the file itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from crm_api.cli.households.journey import opened, parquet

AT_ONCE = 200
OF_FILE = """
FROM read_parquet($transactions) SEMI JOIN (SELECT unnest($ids) AS basket_id) USING (basket_id)
LEFT JOIN (SELECT product_id, true AS known FROM read_parquet($products)) USING (product_id)"""
FIGURES = f"""
SELECT count(DISTINCT basket_id), count(*), sum(sales_value::DECIMAL(12, 2)),
  sum(retail_disc::DECIMAL(12, 2) + coupon_match_disc::DECIMAL(12, 2)), sum(quantity),
  count(known) {OF_FILE}"""
GROUPS = "SELECT {by}, sum(sales_value::DECIMAL(12, 2)), count(DISTINCT basket_id) {of} GROUP BY 1"
MONTH = "strftime(transaction_timestamp + to_weeks({weeks}), '%Y-%m-01')"
STORED = """
SELECT count(DISTINCT o.id), count(*), sum((line->'total'->>'amount')::numeric),
  sum((line->'discount'->>'amount')::numeric), sum((line->>'quantity')::numeric),
  (SELECT count(*) FROM order_products WHERE tenant_id = $1)
FROM orders o, jsonb_array_elements(o.lines) line WHERE o.tenant_id = $1"""
TOLD = """
SELECT (SELECT count(*) FROM orders WHERE tenant_id = $1 AND version > 1),
  count(*), count(DISTINCT object_id)
FROM events WHERE tenant_id = $1 AND type = 'order.created'"""
NAMES = ("orders", "lines", "revenue", "discounts", "quantity", "lines of known products")
METRICS = [{"op": "sum", "field": "total"}, {"op": "count"}]
Groups = dict[str, tuple[Decimal, int]]
"""Revenue and orders, by the values of the group."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded, and where it is; `customers` are ids by households."""

    api: httpx.AsyncClient
    owner_url: str
    tenant: UUID
    customers: dict[str, str]
    baskets: Sequence[int]
    weeks: int


@dataclass(frozen=True)
class Compared:
    what: str
    file: Any
    api: Any

    @property
    def is_same(self) -> bool:
        return bool(self.file == self.api)


async def compare(loaded: Loaded) -> list[Compared]:
    """Sums by month and by customer as the API tells them; what it does not tell, by SQL."""
    stored, told = await _stored(loaded)
    figures = [Compared(*one) for one in zip(NAMES, _figures(loaded), stored, strict=True)]
    changed, events, created = told
    orders = len(loaded.baskets)
    return [
        *figures,
        Compared("orders that were changed after they were created", 0, changed),
        Compared("events `order.created`", orders, events),
        Compared("orders that they are of", orders, created),
        await _by_month(loaded),
        await _by_customer(loaded),
    ]


async def _stored(loaded: Loaded) -> tuple[Any, Any]:
    database = await asyncpg.connect(loaded.owner_url)
    found = [await database.fetchrow(sql, loaded.tenant, timeout=600) for sql in (STORED, TOLD)]
    await database.close()
    return found[0], found[1]


def _figures(loaded: Loaded) -> Any:
    [figures] = _of_file(loaded, FIGURES)
    return figures


async def _by_month(loaded: Loaded) -> Compared:
    theirs = _groups(loaded, MONTH.format(weeks=loaded.weeks))
    asked = {"group_by": ["ordered_at"], "period": "month", "time_zone": "UTC"}
    ours = await _aggregated(loaded.api, "ordered_at", asked)
    return _same("months with the same revenue and orders", theirs, ours)


async def _by_customer(loaded: Loaded) -> Compared:
    theirs = _groups(loaded, "household_id::VARCHAR")
    households = {id: household for household, id in loaded.customers.items()}
    ids, ours = list(households), Groups()
    for first in range(0, len(ids), AT_ONCE):
        these = {"field": "customer_id", "op": "in", "value": ids[first : first + AT_ONCE]}
        asked = {"group_by": ["customer_id"], "filter": {"kind": "condition", **these}}
        found = await _aggregated(loaded.api, "customer_id", {**asked, "limit": AT_ONCE})
        ours |= {households[id]: figures for id, figures in found.items()}
    return _same("households with the same revenue and orders", theirs, ours)


def _same(what: str, theirs: Groups, ours: Groups) -> Compared:
    """How many groups there are, and how many of them are the same; none may be in one alone."""
    same = sum(ours.get(group) == figures for group, figures in theirs.items())
    return Compared(what, len(theirs), same if ours.keys() == theirs.keys() else -1)


def _groups(loaded: Loaded, by: str) -> Groups:
    rows = _of_file(loaded, GROUPS.format(by=by, of=OF_FILE))
    return {group: (revenue, orders) for group, revenue, orders in rows}


def _of_file(loaded: Loaded, sql: str) -> list[tuple[Any, ...]]:
    files = {name: parquet(name) for name in ("transactions", "products")}
    with opened() as database:
        return database.execute(sql, {**files, "ids": list(loaded.baskets)}).fetchall()


async def _aggregated(api: httpx.AsyncClient, group: str, asked: dict[str, Any]) -> Groups:
    answer = await api.post("/orders/aggregate", json={"metrics": METRICS, **asked})
    told = answer.raise_for_status().json()
    assert not told["more_groups"]
    return {
        one["group"][group]: (Decimal(one["metrics"]["sum_total"]), one["metrics"]["count"])
        for one in told["groups"]
    }


def table(found: list[Compared]) -> str:
    lines = ["| | from the file | loaded | difference |", "|---|---|---|---|"]
    for one in found:
        lines.append(f"| {one.what} | {one.file:,} | {one.api:,} | {one.api - one.file:,} |")
    return "\n".join(lines)
