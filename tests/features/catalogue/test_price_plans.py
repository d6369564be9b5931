"""Two hundred lines are priced by as many looks into an index, however many prices there are."""

from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin

from crm_api.features.catalogue.prices.queries import FIND
from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from tests.conftest import NewClient, NewTenant

from .shelf import book, category, product

PRODUCTS = """
INSERT INTO products (tenant_id, id, sku, name, sort_name, category_id, list_price,
  list_price_currency, created_at, updated_at)
SELECT c.tenant_id, gen_random_uuid(), 'S' || n, 'P', 'p', c.id, n, 'CNY', now(), now()
FROM product_categories c, generate_series(1, 10000) n"""
ENTRIES = """
INSERT INTO price_entries (tenant_id, id, price_book_id, product_id, min_quantity, unit_price,
  currency, created_at, updated_at)
SELECT b.tenant_id, gen_random_uuid(), b.id, p.id, quantity, 1, 'CNY', now(), now()
FROM price_books b JOIN products p USING (tenant_id), unnest(ARRAY[0, 10]) quantity"""

DEALERS = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, created_at,
  updated_at)
SELECT b.tenant_id, gen_random_uuid(), 'person', n::text, n::text, now(), '{}', now(), now()
FROM price_books b, generate_series(1, 5000) n WHERE b.parent_id IS NULL"""
CONTRACTS = """
INSERT INTO price_books (tenant_id, id, name, sort_name, code, currency, customer_id, created_at,
  updated_at)
SELECT tenant_id, id, name, name, name, 'CNY', id, now(), now() FROM customers"""
ANALYZE = "ANALYZE products, price_books, price_entries, customers"


@pytest.fixture
async def stocked(caller: NewClient, new_tenant_: NewTenant, admin: "Admin[Any]") -> Tenant:
    """A tenant with ten thousand products, ten times as many prices in five books, and five
    thousand customers with contracts of their own."""
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    await category(client)
    await product(client)
    above = None
    for _ in range(5):
        above = (await book(client, parent_id=above))["id"]
    for sql in (PRODUCTS, ENTRIES, DEALERS, CONTRACTS, ANALYZE):
        await admin.execute(sql)
    return tenant


async def explained(house: House, tenant: Tenant, products: list[UUID], how: str) -> Any:
    """The plan is the one that serves all questions, whatever they ask."""
    told = {
        "tenant": tenant.id,
        "products": products,
        "quantities": [5] * len(products),
        **dict.fromkeys(("customer", "unit")),
        "currency": "CNY",
        "day": "2027-01-01",
        "now": "2027-01-01T00:00:00Z",
    }
    said = ", ".join(literal(value) for value in FIND.arguments(told))
    async with house.pool.line(tenant.id) as line, line.driver.transaction():
        await line.driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await line.driver.execute(f"PREPARE asked AS {FIND.sql}")
        rows = await line.driver.fetch(f"EXPLAIN ({how}) EXECUTE asked({said})")
        await line.driver.execute("DEALLOCATE asked")
    return [row[0] for row in rows]


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    text = "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else str(value)
    return f"'{text}'"


async def test_prices_are_found_by_their_index_for_each_line_and_book(
    stocked: Tenant, house: House, admin: "Admin[Any]"
) -> None:
    """Of a hundred thousand prices a few pages each are read, and of books those of one line."""
    plan = "\n".join(await explained(house, stocked, [UUID(int=1)], "COSTS OFF"))
    assert "Index Scan Backward using ix_price_entries_found on price_entries" in plan, plan
    for table in ("price_entries", "products", "product_categories", "price_books"):
        assert f"Seq Scan on {table}" not in plan, plan
    wanted = "SELECT id FROM products WHERE tenant_id = $1 ORDER BY sku LIMIT 200"
    ids = [row["id"] for row in await admin.fetch(wanted, stocked.id)]
    for lines in (2, 200):
        how = "ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON"
        [[found]] = await explained(house, stocked, ids[:lines], how)
        pages = found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"]
        assert pages < 200 + lines * 5 * 6
