"""Orders of ten lines, one by one and a hundred at once, and the overview of a customer who has a
thousand of them, beside SQL by hand that writes and reads the same rows.

By hand is the owner of the tables, past row level security, without locks, rules or answers.
"""

import asyncio
import http.client
import json
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from crm_api.cli.unit import new_key, opened, operator
from crm_api.features.catalogue.products.schemas import ProductCreate
from crm_api.features.catalogue.products.service import ProductService
from crm_api.kit.ids import uuid7

from .asking import ask
from .serving import serving
from .visibility import Staff
from .world import World

LINES, BATCH, CALLERS, SINGLE, ROUNDS, MANY, PORT = 10, 100, 8, 320, 15, 1000, 8463
Database = asyncpg.Connection  # generic in the stubs only
ORDER = """
WITH sent AS (SELECT * FROM json_populate_recordset(NULL::orders, $1::json)), made AS (
  INSERT INTO orders (tenant_id, id, number, customer_id, business_unit_id, status, pricing,
    prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net, tax,
    total, base_total, base_currency, exchange_rate, goods_quantity, ordered_at, confirmed_at,
    external_ids, source_versions, created_at, updated_at)
  SELECT tenant_id, id, number, customer_id, business_unit_id, status, pricing,
    prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net, tax,
    total, base_total, base_currency, exchange_rate, goods_quantity, now(), now(),
    external_ids, source_versions, now(), now() FROM sent RETURNING *
), products AS (
  INSERT INTO order_products SELECT tenant_id, right(line->>'product_id', 32)::uuid, id
  FROM made, jsonb_array_elements(lines) line
), ids AS (
  INSERT INTO external_ids SELECT tenant_id, 'order', key, value, id
  FROM made, jsonb_each_text(external_ids)
), journal AS (
  INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, request_id, created_at)
  SELECT tenant_id, gen_random_uuid(), type, id, 1, id, 'req', now()
  FROM made, unnest(ARRAY['order.created', 'order.confirmed']) type RETURNING *
)
INSERT INTO event_values (tenant_id, event_id, data)
SELECT j.tenant_id, j.id, row_to_json(made)::text FROM journal j JOIN made ON made.id = j.object_id
"""
ORDERED = """
INSERT INTO orders (tenant_id, id, number, customer_id, business_unit_id, status, pricing,
  prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net, tax, total,
  goods_quantity, ordered_at, created_at, updated_at)
SELECT $1, gen_random_uuid(), 'many-' || n, $2, $3, 'confirmed', 'given', false, 'CNY', $4::jsonb,
  '[]', '0', 100, 0, 100, 0, 100, 0, at, at, at
FROM generate_series(1, $5::int) n, LATERAL (SELECT now() - n * interval '1 hour' AS at) made"""
OVERVIEW = """
SELECT json_build_object(
  'customer', (SELECT row_to_json(c) FROM customers c WHERE tenant_id = $1 AND id = $2),
  'profiles', (SELECT json_agg(p) FROM unit_profiles p WHERE tenant_id = $1 AND customer_id = $2),
  'deals', (SELECT json_agg(d) FROM (SELECT * FROM deals WHERE tenant_id = $1 AND customer_id = $2
    AND status = 'open' ORDER BY created_at DESC LIMIT 5) d),
  'count', (SELECT count(*) FROM orders WHERE tenant_id = $1 AND customer_id = $2),
  'total', (SELECT json_agg(s) FROM (SELECT currency, sum(total), sum(paid) FROM orders
    WHERE tenant_id = $1 AND customer_id = $2 GROUP BY currency) s),
  'orders', (SELECT json_agg(o) FROM (SELECT * FROM orders WHERE tenant_id = $1
    AND customer_id = $2 ORDER BY ordered_at DESC LIMIT 5) o),
  'activities', (SELECT json_agg(a) FROM (SELECT * FROM activities WHERE tenant_id = $1
    AND customer_id = $2 ORDER BY due_at LIMIT 15) a),
  'tasks', (SELECT json_agg(t) FROM (SELECT * FROM tasks WHERE tenant_id = $1
    AND customer_id = $2 AND state = 'open' ORDER BY due_order LIMIT 5) t))::text"""
Send = Callable[[list[str]], Awaitable[None]]


class Shop:
    """Where is sold, to whom and what, as the API has its ids."""

    def __init__(self, world: World, unit: UUID, products: list[UUID]) -> None:
        self.world, self.unit, self.customer = world, unit, world.ids[0]
        self.products = [f"prd_{id.hex}" for id in products]

    def body(self, value: str) -> dict[str, Any]:
        """An order of a shop that has reckoned itself."""
        lines = [
            {"product_id": id, "quantity": "2", "amount": {"amount": "19.90", "currency": "CNY"}}
            for id in self.products
        ]
        named = {"customer_id": self.customer, "business_unit_id": f"bun_{self.unit.hex}"}
        said = {"pricing": "given", "status": "confirmed", "number": value}
        return {**named, **said, "currency": "CNY", "lines": lines}

    def row(self, value: str, line: dict[str, Any]) -> dict[str, Any]:
        """The same as the table has it."""
        lines = [{**line, "line": n, "product_id": id} for n, id in enumerate(self.products, 1)]
        sums = {"subtotal": 199, "discount": 0, "net": 199, "tax": 0, "total": 199}
        base = {"base_total": 199, "base_currency": "CNY", "exchange_rate": 1}
        said = {"status": "confirmed", "pricing": "given", "prices_include_tax": False}
        return {
            "tenant_id": str(self.world.tenant.id),
            "id": str(uuid7()),
            "number": value,
            "customer_id": str(UUID(self.customer[4:])),
            "business_unit_id": str(self.unit),
            **said,
            "currency": "CNY",
            "lines": lines,
            "taxes": [],
            "discount_percent": "0",
            **sums,
            **base,
            "goods_quantity": 20,
            "external_ids": {"shop": value},
            "source_versions": {"shop": 1},
        }


async def _opened(world: World) -> tuple[Shop, str]:
    """A shop, and a key that may call as often as it likes."""
    async with opened(world.settings) as house:
        ctx = operator(house, world.tenant)
        unit = await Staff(ctx).unit("Shop", None)
        service = ProductService(ctx)
        named = [ProductCreate(sku=f"P{n}", name=f"Product {n}") for n in range(LINES)]
        made = [await service.create(one) for one in named]
        await ctx.finish()
        return Shop(world, unit, [one.id for one in made]), await new_key(house, world.tenant)


def run(world: World) -> str:
    shop, key = asyncio.run(_opened(world))
    with serving(PORT, "product:whole --factory", world) as served:
        written = asyncio.run(_written(served.port, shop, key))
        looked = asyncio.run(_looked(served.port, shop, key))
    return table([*written, looked])


async def _written(port: int, shop: Shop, key: str) -> list[tuple[str, float, float]]:
    headers = {"Authorization": f"Bearer {key}"}
    api = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/v1", headers=headers, timeout=60)
    pool = await asyncpg.create_pool(shop.world.owner_url, min_size=CALLERS, max_size=CALLERS)
    async with api, pool:
        first = await api.post("/orders", json=shop.body(uuid4().hex))
        line = first.raise_for_status().json()["lines"][0]
        one, many = _api(api, shop), _by_hand(pool, shop, line)
        single = await _per_second(one), await _per_second(many)
        batch = await _median(one), await _median(many)
    return [
        ("orders created and confirmed, a second", *single),
        (f"batch of {BATCH} orders, ms", *batch),
    ]


def _api(api: httpx.AsyncClient, shop: Shop) -> Send:
    async def send(values: list[str]) -> None:
        if len(values) == 1:
            body = {**shop.body(values[0]), "external_ids": {"shop": values[0]}}
            (await api.post("/orders", json=body)).raise_for_status()
            return
        items = [
            {"external_id": value, "data": {**shop.body(value), "source_version": 1}}
            for value in values
        ]
        answer = await api.post("/orders/batch-upsert", json={"system": "shop", "items": items})
        assert answer.status_code == httpx.codes.OK, answer.text

    return send


def _by_hand(pool: "asyncpg.Pool[Any]", shop: Shop, line: dict[str, Any]) -> Send:
    async def send(values: list[str]) -> None:
        rows = json.dumps([shop.row(value, line) for value in values])
        async with pool.acquire() as database:
            await database.execute(ORDER, rows)

    return send


async def _per_second(send: Send) -> float:
    """By some callers at once."""

    async def call() -> None:
        for _ in range(SINGLE // CALLERS):
            await send([uuid4().hex])

    await send([uuid4().hex])
    begun = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return SINGLE / (time.perf_counter() - begun)


async def _median(send: Send) -> float:
    return median([await _timed(send, BATCH) for _ in range(ROUNDS)])


async def _timed(send: Send, size: int) -> float:
    values = [uuid4().hex for _ in range(size)]
    begun = time.perf_counter()
    await send(values)
    return (time.perf_counter() - begun) * 1000


async def _looked(port: int, shop: Shop, key: str) -> tuple[str, float, float]:
    """The overview of one who has ordered a thousand times."""
    database = await asyncpg.connect(shop.world.owner_url)
    tenant, customer = shop.world.tenant.id, UUID(shop.world.ids[1][4:])
    line = json.dumps([{"line": n, "name": f"Product {n}"} for n in range(LINES)])
    await database.execute(ORDERED, tenant, customer, shop.unit, line, MANY)
    await database.execute("VACUUM ANALYZE orders, order_products")
    ours, theirs = [], []
    caller = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(ROUNDS):
        place = f"/customers/{shop.world.ids[1]}/overview"
        ours.append((await asyncio.to_thread(ask, caller, key, place, {}))[0])
        begun = time.perf_counter()
        await database.fetchval(OVERVIEW, tenant, customer)
        theirs.append((time.perf_counter() - begun) * 1000)
    caller.close()
    await database.close()
    return f"overview with {MANY:,} orders, ms", median(ours), median(theirs)


def table(measured: list[tuple[str, float, float]]) -> str:
    lines = ["| | by hand | over HTTP | ratio |", "|---|---|---|---|"]
    for what, ours, theirs in measured:
        lines.append(f"| {what} | {theirs:.1f} | {ours:.1f} | {ours / theirs:.2f} |")
    return "\n".join(lines)
