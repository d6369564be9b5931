"""What two hundred lines cost a customer with prices of his own, beside SQL by hand for the same.

By hand is the owner of the tables, past row level security, who knows already which books to look
in, and in what order, and is asked for the prices alone: not for the way that led to them.
"""

import asyncio
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg

from crm_api.cli.unit import new_key, opened, operator
from crm_api.features.catalogue.price_books.schemas import PriceBookCreate
from crm_api.features.catalogue.price_books.service import PriceBookService

from .serving import serving
from .world import World

PRODUCTS, BREAKS, LINES, ROUNDS, PORT = 10_000, 5, 200, 30, 8464
# The customer's own book, and what is behind it, one behind the other; the last is everybody's.
BOOKS = ("contract", "dealers", "north", "china", "all")
GOODS = """
INSERT INTO products (tenant_id, id, sku, name, sort_name, list_price,
  list_price_currency, created_at, updated_at)
SELECT $1, gen_random_uuid(), 'G' || n, 'Good ' || n, 'good ' || n, n, 'CNY', now(), now()
FROM generate_series(1, $2::int) n RETURNING id"""
# Every product is in two of the books, with a price from 0, 10, 20, 30 and 40 pieces on.
ENTRIES = """
INSERT INTO price_entries (tenant_id, id, price_book_id, product_id, min_quantity, unit_price,
  currency, created_at, updated_at)
SELECT $1, gen_random_uuid(), ($3::uuid[])[1 + (n + 2 * other) % 5], id, 10 * step, 100 - step,
  'CNY', now(), now()
FROM unnest($2::uuid[]) WITH ORDINALITY p(id, n), generate_series(0, 1) other,
  generate_series(0, $4::int - 1) step"""
BY_HAND = """
SELECT json_agg(e.unit_price::text ORDER BY a.n)::text
FROM unnest($2::uuid[], $3::numeric[]) WITH ORDINALITY a(product_id, quantity, n)
LEFT JOIN LATERAL (
  SELECT found.unit_price FROM unnest($4::uuid[]) WITH ORDINALITY book(id, place)
  CROSS JOIN LATERAL (
    SELECT e.unit_price FROM price_entries e
    WHERE e.tenant_id = $1 AND e.price_book_id = book.id AND e.product_id = a.product_id
      AND e.min_quantity <= a.quantity
      AND (e.valid_from_on <= current_date OR e.valid_from_on IS NULL)
      AND (e.valid_until_on > current_date OR e.valid_until_on IS NULL)
    ORDER BY e.min_quantity DESC LIMIT 1
  ) found ORDER BY book.place LIMIT 1
) e ON true"""
Database = asyncpg.Connection  # generic in the stubs only


@dataclass(frozen=True)
class Shelf:
    """What may be asked for, by whom, and the books in the order in which they are looked in."""

    key: str
    customer: str
    books: list[UUID]
    products: list[UUID]


def run(world: World) -> str:
    shelf = asyncio.run(_filled(world))
    with serving(PORT, "product:whole --factory", world) as served:
        return asyncio.run(_measured(world, shelf, served.port))


async def _filled(world: World) -> Shelf:
    async with opened(world.settings) as house:
        ctx = operator(house, world.tenant)
        books = await _books(PriceBookService(ctx), world.ids[0])
        await ctx.finish()
        key = await new_key(house, world.tenant)
    database = await asyncpg.connect(world.owner_url)
    products = [row["id"] for row in await database.fetch(GOODS, world.tenant.id, PRODUCTS)]
    await database.execute(ENTRIES, world.tenant.id, products, books, BREAKS)
    await database.execute("VACUUM ANALYZE products, price_entries, price_books")
    await database.close()
    return Shelf(key, world.ids[0], books, products)


async def _books(service: PriceBookService, customer: str) -> list[UUID]:
    """In the order of looking; they are made from behind."""
    made: list[UUID] = []
    for code in reversed(BOOKS):
        said: dict[str, Any] = {"code": code, "name": code, "currency": "CNY"}
        if made:
            said["parent_id"] = f"pbk_{made[0].hex}"
        if code == BOOKS[0]:
            said["customer_id"] = customer
        said["is_default"] = not made
        made.insert(0, (await service.create(PriceBookCreate.model_validate(said))).id)
    return made


async def _measured(world: World, shelf: Shelf, port: int) -> str:
    database = await asyncpg.connect(world.owner_url)
    caller = http.client.HTTPConnection("127.0.0.1", port)
    count = await database.fetchval("SELECT count(*) FROM price_entries")
    chance = Random(1)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        lines = [(id, chance.randint(1, 60)) for id in chance.sample(shelf.products, LINES)]
        answer = await asyncio.to_thread(_asked, caller, shelf, lines)
        told = await _by_hand(database, world, shelf, lines)
        assert answer[1] == told[1], "the API and SQL by hand say different prices"
        ours.append(answer[0])
        theirs.append(told[0])
    caller.close()
    await database.close()
    return _table(f"{LINES} lines, {count:,} entries in {len(BOOKS)} books", ours, theirs)


def _asked(
    caller: http.client.HTTPConnection, shelf: Shelf, lines: list[tuple[UUID, int]]
) -> tuple[float, list[float]]:
    """Milliseconds until the last byte, and the prices."""
    asked = [{"product_id": f"prd_{id.hex}", "quantity": str(number)} for id, number in lines]
    body = json.dumps({"currency": "CNY", "customer_id": shelf.customer, "lines": asked})
    headers = {"Authorization": f"Bearer {shelf.key}", "Content-Type": "application/json"}
    begun = time.perf_counter()
    caller.request("POST", "/v1/prices/resolve", body, headers)
    answer = caller.getresponse()
    said = answer.read()
    taken = (time.perf_counter() - begun) * 1000
    assert answer.status == http.client.OK, said
    return taken, [_price(line) for line in json.loads(said)["lines"]]


def _price(line: Mapping[str, Any]) -> float:
    return float(line["unit_price"]["amount"])


async def _by_hand(
    database: Database, world: World, shelf: Shelf, lines: list[tuple[UUID, int]]
) -> tuple[float, list[float]]:
    products, quantities = [id for id, _ in lines], [number for _, number in lines]
    begun = time.perf_counter()
    told = await database.fetchval(BY_HAND, world.tenant.id, products, quantities, shelf.books)
    return (time.perf_counter() - begun) * 1000, [float(price) for price in json.loads(told)]


def _table(what: str, ours: list[float], theirs: list[float]) -> str:
    mine, hand = median(ours), median(theirs)
    lines = ["| median ms | by hand | over HTTP | ratio |", "|---|---|---|---|"]
    return "\n".join([*lines, f"| {what} | {hand:.1f} | {mine:.1f} | {mine / hand:.2f} |"])
