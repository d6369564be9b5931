"""An overview finds the customer's own records by indexes, however many others there are, and
however many the customer has."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.customers.schemas import CustomerRead
from crm_api.features.overviews.queries import PARTS, overview, sights_of
from crm_api.kit.actor import Actor, Reach, Tenant
from crm_api.kit.context import House
from crm_api.kit.overviews import shown
from crm_api.kit.sight import bound, seen_by

from .pipeline.selling import customer, money, pipeline, unit, user

CUSTOMERS = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, created_at,
  updated_at)
SELECT c.tenant_id, gen_random_uuid(), 'person', n::text, n::text, at, '{}', at, at
FROM (SELECT * FROM customers WHERE id = $1) c, generate_series(1, 20000) n,
  LATERAL (SELECT now() - n * interval '1 minute' AS at) made"""
# Of one customer there is much, mostly of the past; of every fifth of the others a little.
OF = """
FROM (
  SELECT tenant_id, id AS customer_id, n, now() - n * interval '1 hour' AS at, n % 20 = 0 AS is_open
  FROM customers CROSS JOIN generate_series(0, CASE WHEN id = $1 THEN {many} - 1 ELSE 0 END) n
  WHERE id = $1 OR sort_name LIKE '%3'
) c JOIN (SELECT tenant_id, id AS unit_id FROM business_units) u USING (tenant_id)
JOIN (SELECT tenant_id, id AS user_id FROM users) o USING (tenant_id)
JOIN (SELECT tenant_id FROM customers WHERE id = $1) t USING (tenant_id)"""
MIXED = "ORDER BY md5(customer_id::text || n)"
PROFILES = f"""
INSERT INTO unit_profiles (tenant_id, id, customer_id, business_unit_id, owner_id,
  lifecycle_changed_at, created_at, updated_at)
SELECT tenant_id, gen_random_uuid(), customer_id, unit_id, user_id, at, at, at
{OF.format(many=1)}
{MIXED}"""
VIEWERS = """
INSERT INTO customer_viewers (tenant_id, viewer_id, customer_id, source_id, unit_id, writes)
SELECT tenant_id, owner_id, customer_id, id, business_unit_id, true FROM unit_profiles
WHERE tenant_id = (SELECT tenant_id FROM customers WHERE id = $1)"""
DEALS = f"""
INSERT INTO deals (tenant_id, id, customer_id, business_unit_id, owner_id, pipeline_id, stage_id,
  stage, stage_since, stay_id, stays, status, closed_at, probability, amount, currency, name,
  sort_name, created_at, updated_at)
SELECT c.tenant_id, gen_random_uuid(), customer_id, unit_id, user_id, s.pipeline_id, s.id, s.code,
  at, CASE WHEN is_open THEN s.id END, 1, CASE WHEN is_open THEN 'open' ELSE 'won' END,
  CASE WHEN NOT is_open THEN at END, 50, 100, CASE WHEN n % 40 = 0 THEN 'CNY' ELSE 'EUR' END,
  'Deal', 'deal', at, at
{OF.format(many=1000)}
JOIN stages s ON s.tenant_id = c.tenant_id AND s.code = 'contact'
{MIXED}"""
ACTIVITIES = f"""
INSERT INTO activities (tenant_id, id, kind, state, subject, customer_id, business_unit_id,
  owner_id, starts_at, due_at, done_at, created_at, updated_at)
SELECT tenant_id, gen_random_uuid(), 'call', CASE WHEN is_open THEN 'planned' ELSE 'done' END,
  'Call', customer_id, unit_id, user_id, at, CASE WHEN is_open THEN at END,
  CASE WHEN NOT is_open THEN at END, at, at
{OF.format(many=10000)}
{MIXED}"""
TASKS = f"""
INSERT INTO tasks (tenant_id, id, subject, state, customer_id, business_unit_id, assignee_id,
  creator_id, due_at, due_until, due_order, completed_at, time_zone, created_at, updated_at)
SELECT tenant_id, gen_random_uuid(), 'Task', CASE WHEN is_open THEN 'open' ELSE 'done' END,
  customer_id, unit_id, user_id, user_id, at, at, at, CASE WHEN NOT is_open THEN at END, 'UTC', at,
  at
{OF.format(many=1000)}
{MIXED}"""
ORDERS = f"""
INSERT INTO orders (tenant_id, id, number, customer_id, business_unit_id, owner_id, status, pricing,
  prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net, tax, total,
  paid, goods_quantity, ordered_at, created_at, updated_at)
SELECT tenant_id, gen_random_uuid(), customer_id::text || n, customer_id, unit_id, user_id,
  CASE WHEN is_open THEN 'draft' ELSE 'confirmed' END, 'given', false, 'CNY', '[]', '[]', '0',
  100, 0, 100, 0, 100, 40, 0, at, at, at
{OF.format(many=1000)}
{MIXED}"""
STATUSES = """
INSERT INTO ticket_statuses (tenant_id, id, name, category, position, created_at, updated_at)
SELECT tenant_id, id, 'Of all', 'open', 10, created_at, created_at FROM customers WHERE id = $1"""
TICKETS = f"""
INSERT INTO tickets (tenant_id, id, number, subject, requester_id, business_unit_id, assignee_id,
  status_id, channel, type, priority, category, closed_at, close_reason, created_at, updated_at)
SELECT tenant_id, gen_random_uuid(), customer_id::text || n, 'Ticket', customer_id, unit_id,
  user_id, $1, 'api', 'question', 'normal', CASE WHEN is_open THEN 'open' ELSE 'closed' END,
  CASE WHEN NOT is_open THEN at END, CASE WHEN NOT is_open THEN 'resolved' END, at, at
{OF.format(many=1000)}
{MIXED}"""
FILLING = (
    *(CUSTOMERS, PROFILES, VIEWERS, DEALS, ORDERS),
    *(ACTIVITIES, TASKS, STATUSES, TICKETS),
)
ANALYZE = (
    "ANALYZE customers, customer_viewers, unit_profiles, deals, orders, activities, tasks, tickets"
)
BUFFERS = re.compile(r"Buffers: shared hit=(\d+)(?: read=(\d+))?")
BY_CUSTOMER = re.compile(
    r"Index Cond: \(\(tenant_id = \$\d+\) AND \((?:customer|requester)_id = \$\d+\)"
)
SOMEBODY = UUID(int=1)
BLOCKS = {"much": 4_700, "little": 200, "nothing": 120}
"""So many are read at most for customers with whom there is much, little, or nothing to do."""


@pytest.fixture
async def much(client: AsyncClient, admin: "Admin[Any]") -> UUID:
    """One of 20,000: with a thousand deals, orders, tasks, tickets, and ten thousand activities."""
    of = UUID((await customer(client))[4:])
    await pipeline(client)
    await unit(client)
    await user(client)
    for sql in FILLING:
        await admin.execute(sql, of)
    await admin.execute(ANALYZE)
    return of


def callers(tenant: UUID, user: UUID, unit: UUID) -> Iterator[Actor]:
    """Who sees all; who sees what is his own; who asks for one unit."""
    nouns = ("customers", *(shown[name].noun.collection for name in PARTS))
    own = {f"{noun}:read": frozenset({user}) for noun in nouns}
    within = frozenset({unit})
    for reach in (Reach(), Reach(True, own), Reach(within=within), Reach(True, own, within=within)):
        of = Tenant(tenant, "", False, "", "", "", (), frozenset())
        yield Actor(SOMEBODY, of, frozenset("*"), reach=reach)


async def explained(house: House, actor: Actor, of: UUID) -> str:
    """As it is planned for all values, under row level security."""
    seen, sights = seen_by(actor, CustomerRead.table), sights_of(actor)
    statement = overview(seen, sights)
    told = {"tenant": actor.tenant.id, "id": of, "masked": False}
    asked = statement.arguments({**told, **bound(seen, *(one for _, one in sights))})
    async with house.pool.line() as line, line.driver.transaction():
        await line.driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await line.driver.execute(f"PREPARE asked AS {statement.sql}")
        said = ", ".join(map(literal, asked))
        rows = await line.driver.fetch(f"EXPLAIN (ANALYZE, BUFFERS) EXECUTE asked({said})")
        await line.driver.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in rows)


def literal(value: Any) -> str:
    text = "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else str(value)
    return f"'{text}'"


def blocks(plan: str) -> int:
    found = BUFFERS.search(plan)
    assert found, plan
    return int(found[1]) + int(found[2] or 0)


async def test_the_records_of_a_customer_are_found_by_indexes_and_no_others_are_read(
    much: UUID, house: House, admin: "Admin[Any]"
) -> None:
    where = await admin.fetchrow(
        "SELECT tenant_id, owner_id, business_unit_id FROM unit_profiles WHERE customer_id = $1",
        much,
    )
    assert where
    named = "SELECT id FROM customers WHERE tenant_id = $1 AND sort_name = $2"
    of = {"much": much}
    for name, known_as in (("little", "13"), ("nothing", "14")):
        of[name] = await admin.fetchval(named, where[0], known_as)
    for actor in callers(*where):
        for name, most in BLOCKS.items():
            plan = await explained(house, actor, of[name])
            assert "Seq Scan" not in plan, plan
            assert blocks(plan) <= most, plan
            parts = plan.partition("InitPlan")[0], *plan.split("CTE shown_")[1:]
            assert len(parts) == len(PARTS) + 1
            assert all(BY_CUSTOMER.search(part) for part in parts[1:]), plan


async def test_of_what_a_customer_has_much_the_first_are_shown(
    much: UUID, client: AsyncClient
) -> None:
    answer = await client.get(f"/customers/cus_{much.hex}/overview")
    told = answer.json()
    sizes = {name: (told[name].get("count"), len(told[name]["data"])) for name in PARTS}
    assert sizes == {
        "unit_profiles": (1, 1),
        "open_deals": (50, 5),
        "orders": (950, 5),
        "planned_activities": (500, 5),
        "recent_activities": (None, 10),
        "open_tasks": (50, 5),
        "open_tickets": (50, 5),
    }
    assert told["open_deals"]["amounts"] == [money("2500.00"), money("2500.00", "EUR")]
    assert told["orders"]["totals"] == [money("95000.00")]
    assert told["orders"]["paid"] == [money("38000.00")]
    assert told["recent_activities"]["has_more"]
