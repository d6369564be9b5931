"""Reports of a month read the stays and deals of that month, and not all that there ever were."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.pipeline.forecasts.queries import forecast
from crm_api.features.pipeline.funnels.queries import funnel
from crm_api.kit.context import House
from crm_api.kit.statement import Statement

from .selling import customer, pipeline, unit

# A deal an hour for two years, each in its first stage for a day and then lost.
DEALT = """
INSERT INTO deals (tenant_id, id, customer_id, business_unit_id, pipeline_id, stage_id, stage,
  stage_since, stays, status, probability, expected_close_on, closed_at, loss_reason, name,
  sort_name, created_at, updated_at)
SELECT c.tenant_id, gen_random_uuid(), c.id, u.id, s.pipeline_id, s.id, s.code, at, 2, 'lost', 0,
  at::date, at, 'price', 'Deal', 'deal', at, at
FROM customers c, business_units u, stages s,
  generate_series(now() - interval '2 years', now(), interval '1 hour') at WHERE s.code = 'lost'"""
STAYED = """
INSERT INTO stage_stays (tenant_id, id, deal_id, number, pipeline_id, stage_id, kind, skipped,
  entered_at, left_at, business_unit_id)
SELECT d.tenant_id, gen_random_uuid(), d.id, n, s.pipeline_id, s.id, s.kind, false,
  d.created_at + (n - 1) * interval '1 day', d.created_at + interval '1 day', d.business_unit_id
FROM deals d CROSS JOIN (VALUES (1, 'contact'), (2, 'lost')) v(n, code)
JOIN stages s ON s.code = v.code"""
OPENED = """
INSERT INTO deals (tenant_id, id, customer_id, business_unit_id, pipeline_id, stage_id, stage,
  stage_since, stay_id, stays, status, probability, expected_close_on, name, sort_name, created_at,
  updated_at)
SELECT tenant_id, gen_random_uuid(), customer_id, business_unit_id, pipeline_id, stage_id, stage,
  stage_since, gen_random_uuid(), 1, 'open', 50, expected_close_on + 365, name, sort_name,
  created_at, updated_at
FROM deals TABLESAMPLE BERNOULLI (10) REPEATABLE (1)"""


@pytest.fixture
async def sold(client: AsyncClient, admin: "Admin[Any]") -> UUID:
    """The pipeline of many deals."""
    made = await pipeline(client)
    await customer(client)
    await unit(client)
    for sql in (DEALT, STAYED, OPENED, "ANALYZE deals, stage_stays, stages"):
        await admin.execute(sql)
    return UUID(made["id"][4:])


async def plan(house: House, tenant: UUID, statement: Statement, told: dict[str, Any]) -> str:
    async with house.pool.line(tenant) as line, line.driver.transaction():
        await line.driver.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        asked = statement.arguments({"tenant": tenant, **told})
        rows = await line.driver.fetch(f"EXPLAIN {statement.sql}", *asked)
    return "\n".join(row[0] for row in rows)


def span(days: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    begins = now - timedelta(days=days)
    told = {"begins": begins, "ends": now, "zone": "Asia/Shanghai", "base": "CNY"}
    return {**told, "first": begins.date(), "until": now.date(), "today": now.date()}


async def test_a_month_is_read_by_indexes(
    sold: UUID, house: House, client: AsyncClient, admin: "Admin[Any]"
) -> None:
    tenant = await admin.fetchval("SELECT tenant_id FROM pipelines WHERE id = $1", sold)
    told = {"pipeline": sold, **span(30)}
    for by in ((), ("owner_id",), ("period", "source")):
        told_of = await plan(house, tenant, funnel(by, "month", (), None), told)
        assert "Seq Scan on stage_stays" not in told_of, told_of
        assert "ix_stage_stays_tenant_id_pipeline_id_entered_at" in told_of or (
            "ix_stage_stays_tenant_id_pipeline_id_left_at" in told_of
        )
    for by in ((), ("owner_id",), ("owner_id", "business_unit_id")):
        told_of = await plan(house, tenant, forecast(by, "month", (), (None, None)), told)
        assert "Seq Scan on deals" not in told_of, told_of
        assert "ix_deals_open_by_close" in told_of
        assert "ix_deals_won_by_close" in told_of
