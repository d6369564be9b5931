"""The statement that reckons a forecast."""

from functools import lru_cache

from sqlalchemy import Text, column, literal_column, text

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.features.pipeline.quotas.resource import QUOTA
from crm_api.kit.db import table_of
from crm_api.kit.sight import Seen, and_seen
from crm_api.kit.statement import Statement, as_text, in_tenant
from crm_api.platform.business_units.criteria import Under
from crm_api.platform.exchange_rates.criteria import rate_on

MOST = 5000
DEALS, QUOTAS = table_of(DEAL.model), table_of(QUOTA.model)
DIMENSIONS = ("owner_id", "business_unit_id")
NOBODYS = [f"deals.{one} IS NULL" for one in DIMENSIONS]
FILTERS = {
    "pipeline_id": "deals.pipeline_id = ANY(CAST(:pipeline_id AS uuid[]))",
    "owner_id": "deals.owner_id = ANY(CAST(:owner_id AS uuid[]))",
    "business_unit_id": "deals.business_unit_id = ANY(CAST(:business_unit_id AS uuid[]))",
    "under": as_text(Under("business_unit_id").condition(DEALS, "under", form=True)),
}
RATE = as_text(
    rate_on(
        literal_column("c.currency", Text),
        literal_column("CAST(:today AS date)"),
        literal_column(":base", Text),
    )
)
OF_QUOTAS = ("owner_id", "business_unit_id", "under")
# Amounts of a currency are summed up first and converted once: a rate is looked up for each
# currency, and not for each deal, and nothing is rounded twice.
FORECAST = """
WITH opened AS (
  SELECT CAST(date_trunc('{period}', greatest(expected_close_on, CAST(:today AS date))) AS date)
      AS period_on, {named}, currency, count(*) AS deals,
    sum(amount) AS amount, sum(amount * probability) / 100 AS weighted
  FROM deals WHERE {opened} AND {passing} AND expected_close_on < CAST(:until AS date)
    AND greatest(expected_close_on, CAST(:today AS date)) >= CAST(:first AS date)
    AND greatest(expected_close_on, CAST(:today AS date)) < CAST(:until AS date)
  GROUP BY 1, 2, 3, 4
), rates AS (
  SELECT currency, {rate} AS rate
  FROM (SELECT DISTINCT currency FROM opened WHERE currency IS NOT NULL) c
), told AS (
  SELECT period_on, owner_id, business_unit_id, deals AS open_deals,
    coalesce(amount * rate, 0) AS open, coalesce(weighted * rate, 0) AS weighted,
    0 AS closed_deals, CAST(0 AS numeric) AS closed, CAST(NULL AS numeric) AS quota
  FROM opened LEFT JOIN rates USING (currency) WHERE currency IS NULL OR rate IS NOT NULL
  UNION ALL
  SELECT CAST(date_trunc('{period}', timezone(:zone, closed_at)) AS date), {named}, 0, 0, 0,
    count(*), coalesce(sum(base_amount) FILTER (WHERE base_currency = :base), 0), NULL
  FROM deals WHERE deals.tenant_id = :tenant AND status = 'won' AND state = 'live' AND {passing}
    AND closed_at >= CAST(:begins AS timestamptz) AND closed_at < CAST(:ends AS timestamptz)
  GROUP BY 1, 2, 3
  UNION ALL
  SELECT starts_on, {quota_named}, 0, 0, 0, 0, 0, amount FROM quotas
  WHERE quotas.tenant_id = :tenant AND quotas.period = '{period}' AND currency = :base
    AND starts_on >= CAST(:first AS date) AND starts_on < CAST(:until AS date) AND {quota_passing}
), listed AS (
  SELECT period_on, owner_id, business_unit_id,
    sum(open_deals) AS open_deals, round(sum(open), currency_digits(:base))::text AS open,
    round(sum(weighted), currency_digits(:base))::text AS weighted,
    sum(closed_deals) AS closed_deals, sum(closed)::text AS closed, sum(quota)::text AS quota
  FROM told GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT {most}
)
SELECT json_build_object(
  'rows', (SELECT json_agg(row_to_json(listed)) FROM listed),
  'undated_deals', (SELECT count(*) FROM deals
    WHERE {opened} AND {passing} AND expected_close_on IS NULL),
  'unconverted', (SELECT json_agg(json_build_object('currency', currency, 'deals', deals,
      'amount', amount::text) ORDER BY currency)
    FROM (SELECT currency, sum(deals) AS deals, sum(amount) AS amount FROM opened
      JOIN rates USING (currency) WHERE rate IS NULL GROUP BY currency) u)
)::text AS told"""
OPENED = (
    "deals.tenant_id = :tenant AND status = 'open' AND state = 'live' "
    "AND forecast_category <> 'omitted'"
)


@lru_cache(maxsize=256)
def forecast(
    by: tuple[str, ...],
    period: str,
    used: tuple[str, ...],
    seen: tuple[Seen | None, Seen | None],
) -> Statement:
    """The statement depends on what deals are gathered by, on the filters, and on who asks."""
    deals, quotas = seen
    filters = [FILTERS[name] for name in used]
    of_quotas = [FILTERS[name] for name in used if name in OF_QUOTAS]
    of_quotas += [f"deals.{one} IS NOT NULL" for one in by] or NOBODYS
    of_quotas += ["deals.owner_id IS NULL"] if by == ("business_unit_id",) else []
    named = [f"deals.{one}" if one in by else "CAST(NULL AS uuid)" for one in DIMENSIONS]
    gathered = ", ".join(map(" AS ".join, zip(named, DIMENSIONS, strict=True)))
    sql = FORECAST.format(
        period=period,
        named=gathered,
        rate=RATE,
        opened=OPENED,
        passing=(" AND ".join(filters) or "true") + and_seen(DEALS, deals),
        quota_named=_of_quotas(gathered),
        quota_passing=_of_quotas(" AND ".join(of_quotas)) + and_seen(QUOTAS, quotas),
        most=MOST + 1,
    )
    return in_tenant(text(sql).columns(column("told", Text)).scalar_subquery())


def _of_quotas(sql: str) -> str:
    """The same of quotas, which call an owner a user."""
    return sql.replace("deals.owner_id", "quotas.user_id").replace("deals.", "quotas.")
