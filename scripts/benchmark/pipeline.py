"""Funnels and forecasts over many deals, beside SQL by hand for the same questions."""

import asyncio
import http.client
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg

from crm_api.cli.unit import opened, operator
from crm_api.features.pipeline.pipelines.schemas import PipelineCreate
from crm_api.features.pipeline.pipelines.service import PipelineService
from crm_api.kit.actor import Tenant
from crm_api.platform.exchange_rates.schemas import ExchangeRateCreate
from crm_api.platform.exchange_rates.service import ExchangeRateService

from .asking import ask
from .people import settle, settle_keys
from .serving import serving
from .visibility import Staff
from .world import World, new_tenants

DEALS, CUSTOMERS, UNITS, OWNERS, PORT, REPEATS = 100_000, 20_000, 200, 400, 8462, 15
Driver = asyncpg.Connection  # generic in the stubs only
Milliseconds = dict[str, list[float]]
# Deals begin over two years and go on every nine days: each has gone on 1 to 6 times; what has gone
# on five times is won, six times lost, and the others are open where they are.
DEALT = """
INSERT INTO deals (tenant_id, id, customer_id, business_unit_id, owner_id, pipeline_id, stage_id,
  stage, stage_since, stay_id, stays, status, probability, amount, currency, base_amount,
  base_currency, exchange_rate, expected_close_on, closed_at, loss_reason, source, name, sort_name,
  created_at, updated_at)
SELECT $1, gen_random_uuid(), ($2::uuid[])[1 + n % $3], ($4::uuid[])[1 + n % 200],
  ($5::uuid[])[1 + n % 400], $6, s.id, s.code, begun + 9 * gone * interval '1 day',
  CASE WHEN s.kind = 'open' THEN gen_random_uuid() END, gone, s.kind, s.probability,
  100 + n % 9000, CASE n % 5 WHEN 0 THEN 'EUR' ELSE 'CNY' END,
  (100 + n % 9000) * CASE n % 5 WHEN 0 THEN 7.8 ELSE 1 END, 'CNY',
  CASE n % 5 WHEN 0 THEN 7.8 ELSE 1 END, (now() + (n % 300 - 60) * interval '1 day')::date,
  CASE WHEN s.kind <> 'open' THEN begun + 9 * gone * interval '1 day' END,
  CASE s.kind WHEN 'lost' THEN 'price' END, (ARRAY['fair', 'shop', NULL])[1 + n % 3],
  'Deal ' || n, 'deal ' || n, begun, begun + 9 * gone * interval '1 day'
FROM (
  SELECT n, 1 + abs(hashtext('gone' || n)) % 6 AS gone,
    now() - interval '60 days' - (n % 670) * interval '1 day' AS begun
  FROM generate_series(1, $7::int) n
) d JOIN (
  SELECT *, row_number() OVER (ORDER BY position) AS place FROM stages WHERE pipeline_id = $6
) s ON s.place = d.gone"""
STAYED = """
INSERT INTO stage_stays (tenant_id, id, deal_id, number, pipeline_id, stage_id, kind, skipped,
  entered_at, left_at, business_unit_id, owner_id, source, amount, currency, base_amount,
  base_currency, expected_close_on)
SELECT d.tenant_id, CASE WHEN s.place = d.stays AND s.kind = 'open' THEN d.stay_id
    ELSE gen_random_uuid() END, d.id, s.place, d.pipeline_id, s.id, s.kind, false,
  d.created_at + 9 * (s.place - 1) * interval '1 day',
  CASE WHEN s.place < d.stays THEN d.created_at + 9 * s.place * interval '1 day'
    WHEN s.kind <> 'open' THEN d.created_at + 9 * (s.place - 1) * interval '1 day' END,
  d.business_unit_id, d.owner_id, d.source, d.amount, d.currency, d.base_amount, d.base_currency,
  d.expected_close_on
FROM deals d JOIN (
  SELECT *, row_number() OVER (ORDER BY position) AS place FROM stages WHERE pipeline_id = $2
) s ON s.place <= d.stays AND NOT (s.kind = 'won' AND d.status = 'lost')
WHERE d.tenant_id = $1"""
TABLES = "deals, stage_stays, stages, customers, exchange_rates"
BY_HAND_FUNNEL = """
SELECT {group}, g.code, count(DISTINCT s.deal_id) AS entered,
  count(DISTINCT s.deal_id) FILTER (WHERE s.further > g.position) AS went_on,
  sum(s.base_amount) AS value, NULL AS gone, NULL AS median
FROM (
  SELECT s.*, max(g.position) FILTER (WHERE g.kind <> 'lost') OVER (PARTITION BY s.deal_id
    ORDER BY s.number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS further
  FROM stage_stays s JOIN stages g ON g.id = s.stage_id
  WHERE s.tenant_id = $1 AND s.pipeline_id = $2 AND s.entered_at >= $3
) s JOIN stages g ON g.id = s.stage_id JOIN deals d ON d.id = s.deal_id AND d.state = 'live'
WHERE s.entered_at < $4 GROUP BY {group}, g.code
UNION ALL
SELECT {group}, g.code, NULL, NULL, NULL, count(DISTINCT s.deal_id),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY s.left_at - s.entered_at)
FROM stage_stays s JOIN stages g ON g.id = s.stage_id
  JOIN deals d ON d.id = s.deal_id AND d.state = 'live'
WHERE s.tenant_id = $1 AND s.pipeline_id = $2 AND s.kind = 'open' AND s.left_at >= $3
  AND s.left_at < $4 GROUP BY {group}, g.code"""
BY_HAND_FORECAST = """
SELECT date_trunc('month', greatest(expected_close_on, current_date))::date AS month, {group},
  count(*), sum(base_amount), sum(base_amount * probability / 100)
FROM deals WHERE tenant_id = $1 AND pipeline_id = $2 AND status = 'open'
  AND expected_close_on < $4::timestamptz GROUP BY 1, {group}
UNION ALL
SELECT date_trunc('month', closed_at)::date, {group}, count(*), sum(base_amount), NULL
FROM deals WHERE tenant_id = $1 AND pipeline_id = $2 AND status = 'won' AND closed_at >= $3
GROUP BY 1, {group} ORDER BY 1, 2"""
BOARD = """
SELECT row_to_json(d)::text FROM deals d WHERE tenant_id = $1 AND stage_id = (
  SELECT id FROM stages WHERE pipeline_id = $2 AND code = 'needs')
  AND $3::timestamptz IS NOT NULL AND $4::timestamptz IS NOT NULL
ORDER BY created_at DESC, id DESC LIMIT 50"""
FUNNEL, FORECAST = "/pipelines/{pipeline}/funnel", "/forecasts"
Question = tuple[str, dict[str, Any], str]
QUESTIONS: dict[str, Question] = {
    "funnel of a year": (FUNNEL, {}, BY_HAND_FUNNEL.format(group="1::int")),
    "funnel by source": (FUNNEL, {"by": "source"}, BY_HAND_FUNNEL.format(group="s.source")),
    "funnel by owner": (FUNNEL, {"by": "owner_id"}, BY_HAND_FUNNEL.format(group="s.owner_id")),
    "forecast of three months": (FORECAST, {}, BY_HAND_FORECAST.format(group="1::int")),
    "forecast by owner": (
        FORECAST,
        {"by": "owner_id"},
        BY_HAND_FORECAST.format(group="owner_id"),
    ),
    "forecast by owner and unit": (
        FORECAST,
        {"by": ["owner_id", "business_unit_id"]},
        BY_HAND_FORECAST.format(group="owner_id, business_unit_id"),
    ),
    "column of a board, 50": ("/deals", {"stage": "needs", "status": "open"}, BOARD),
}


async def _settled(world: World, tenant: Tenant) -> UUID:
    """The pipeline of many deals."""
    async with opened(world.settings) as house:
        ctx = operator(house, tenant)
        staff = Staff(ctx)
        group = await staff.unit("Group", None)
        units = [group, *[await staff.unit(f"Shop {n}", group) for n in range(UNITS - 1)]]
        owners = [await staff.user(f"Seller {n}") for n in range(OWNERS)]
        made = await PipelineService(ctx).create(PipelineCreate(name="Sales", is_default=True))
        rate = {"currency": "EUR", "rate": "7.8", "valid_from_on": "2020-01-01"}
        ExchangeRateService(ctx).create(ExchangeRateCreate.model_validate(rate))
        await ctx.finish()
    database = await asyncpg.connect(world.owner_url)
    await settle(database, [(tenant, CUSTOMERS)])
    await settle_keys(database, tenant)
    found = await database.fetch("SELECT id FROM customers WHERE tenant_id = $1", tenant.id)
    customers = [row["id"] for row in found]
    dealt = (tenant.id, customers, CUSTOMERS, units, owners, made.id, DEALS)
    await database.execute(DEALT, *dealt, timeout=600)
    await database.execute(STAYED, tenant.id, made.id, timeout=600)
    await database.execute(f"VACUUM ANALYZE {TABLES}")
    await database.close()
    return made.id


def run(world: World) -> str:
    [(tenant, key)] = asyncio.run(new_tenants(world.settings, ["Pipeline"]))
    pipeline = asyncio.run(_settled(world, tenant))
    over_http, by_hand = (
        _asked(world, key, pipeline),
        asyncio.run(_by_hand(world, tenant, pipeline)),
    )
    return table(over_http, by_hand)


def _asked(world: World, key: str, pipeline: UUID) -> Milliseconds:
    taken: Milliseconds = {what: [] for what in QUESTIONS}
    with serving(PORT, "product:whole --factory", world) as served:
        line = http.client.HTTPConnection("127.0.0.1", served.port)
        for _ in range(REPEATS):
            for what, (path, asked, _) in QUESTIONS.items():
                place = path.format(pipeline=f"pip_{pipeline.hex}")
                taken[what].append(ask(line, key, place, asked)[0])
        line.close()
    return taken


async def _by_hand(world: World, tenant: Tenant, pipeline: UUID) -> Milliseconds:
    database = await asyncpg.connect(world.owner_url)
    now = await database.fetchval("SELECT now()")
    asked = (tenant.id, pipeline, now - timedelta(days=365), now + timedelta(days=1))
    taken: Milliseconds = {what: [] for what in QUESTIONS}
    for _ in range(REPEATS):
        for what, (_, _, sql) in QUESTIONS.items():
            taken[what].append(await _timed(partial(database.fetch, sql, *asked)))
    await database.close()
    return taken


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000


def table(over_http: Mapping[str, list[float]], by_hand: Mapping[str, list[float]]) -> str:
    """Medians, and how often the one goes into the other."""
    lines = ["| median ms | by hand | over HTTP | ratio |", "|---|---|---|---|"]
    for what, taken in over_http.items():
        ours, theirs = median(taken), median(by_hand[what])
        lines.append(f"| {what} | {theirs:.1f} | {ours:.1f} | {ours / theirs:.2f} |")
    return "\n".join(lines)
