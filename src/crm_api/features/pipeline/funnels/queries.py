"""The statement that counts a funnel."""

from functools import lru_cache

from sqlalchemy import Text, column, table, text

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.kit.db import table_of
from crm_api.kit.sight import Seen, and_seen
from crm_api.kit.statement import Statement, as_text, in_tenant
from crm_api.platform.business_units.criteria import Under

MOST = 5000
DEALS, STAYS = table_of(DEAL.model), table("s", column("business_unit_id"))
BY = {
    "period": "CAST(date_trunc('{period}', timezone(:zone, {at})) AS date)",
    "owner_id": "s.owner_id",
    "source": "s.source",
}
NAMES = ("period_on", "owner_id", "source")
NOTHING = {"period": "date", "owner_id": "uuid", "source": "text"}
FILTERS = {
    "owner_id": "s.owner_id = ANY(CAST(:owner_id AS uuid[]))",
    "source": "s.source = ANY(CAST(:source AS text[]))",
    "business_unit_id": "s.business_unit_id = ANY(CAST(:business_unit_id AS uuid[]))",
    "under": as_text(Under("business_unit_id").condition(STAYS, "under", form=True)),
}
# Whoever came in time may go on later, so stays are read until now, and none that ended before.
FUNNEL = """
WITH stay AS MATERIALIZED (
  SELECT s.deal_id, s.stage_id, s.kind, s.skipped, s.entered_at, s.left_at, s.owner_id, s.source,
    s.business_unit_id,
    CASE WHEN s.base_currency = :base THEN s.base_amount END AS worth,
    s.kind = 'open' AND g.position < max(
      CASE s.kind WHEN 'open' THEN g.position WHEN 'won' THEN 1000 END
    ) OVER (
      PARTITION BY s.deal_id ORDER BY s.number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS goes_on
  FROM stage_stays s JOIN stages g ON g.tenant_id = s.tenant_id AND g.id = s.stage_id
  JOIN deals ON deals.tenant_id = s.tenant_id AND deals.id = s.deal_id
  WHERE s.tenant_id = :tenant AND s.pipeline_id = CAST(:pipeline AS uuid)
    AND (s.left_at >= CAST(:begins AS timestamptz)
      OR s.left_at IS NULL AND s.entered_at >= CAST(:begins AS timestamptz))
    AND deals.state = 'live'{seen}
), {chosen}told AS (
  SELECT period_on, owner_id, source, stage_id, count(*) AS entered,
    count(*) FILTER (WHERE goes_on) AS went_on, sum(worth) AS value,
    0 AS gone, CAST(NULL AS float) AS median
  FROM (
    SELECT {came}, s.stage_id, bool_or(s.goes_on) AS goes_on, max(s.worth) AS worth
    FROM {among} s WHERE s.entered_at >= CAST(:begins AS timestamptz)
      AND s.entered_at < CAST(:ends AS timestamptz) GROUP BY 1, 2, 3, 4, s.deal_id
  ) c GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT period_on, owner_id, source, stage_id, 0, 0, 0, count(*), NULL FROM (
    SELECT {gone}, s.stage_id FROM {among} s WHERE {ended} GROUP BY 1, 2, 3, 4, s.deal_id
  ) g GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT {gone}, s.stage_id, 0, 0, 0, 0,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.left_at - s.entered_at))
  FROM {among} s WHERE {ended} AND NOT s.skipped GROUP BY 1, 2, 3, 4
)
SELECT CAST(json_agg(row_to_json(r)) AS text) AS told FROM (
  SELECT t.period_on, t.owner_id, t.source, t.stage_id, g.code AS stage, g.kind,
    sum(t.entered) AS entered, sum(t.gone) AS "left", sum(t.went_on) AS went_on,
    CAST(CASE g.kind WHEN 'open' THEN round(sum(t.went_on) / nullif(sum(t.entered), 0), 4) END
      AS text) AS conversion,
    CAST(max(t.median) AS bigint) AS median_seconds,
    CAST(coalesce(sum(t.value), 0) AS text) AS value
  FROM told t JOIN stages g ON g.tenant_id = :tenant AND g.id = t.stage_id
  GROUP BY t.period_on, t.owner_id, t.source, t.stage_id, g.code, g.kind, g.position
  ORDER BY t.period_on, t.owner_id, t.source, g.position LIMIT {most}
) r"""
CHOSEN = "chosen AS (SELECT * FROM stay s WHERE {passing}), "
ENDED = (
    "s.kind = 'open' AND s.left_at >= CAST(:begins AS timestamptz) "
    "AND s.left_at < CAST(:ends AS timestamptz)"
)


@lru_cache(maxsize=256)
def funnel(by: tuple[str, ...], period: str, used: tuple[str, ...], seen: Seen | None) -> Statement:
    """The statement depends on what the stays are gathered by, on the filters, and on who asks."""
    sql = FUNNEL.format(
        seen=and_seen(DEALS, seen),
        chosen=CHOSEN.format(passing=" AND ".join(FILTERS[name] for name in used)) if used else "",
        among="chosen" if used else "stay",
        came=_gathered(by, period, "s.entered_at"),
        gone=_gathered(by, period, "s.left_at"),
        ended=ENDED,
        most=MOST + 1,
    )
    return in_tenant(text(sql).columns(column("told", Text)).scalar_subquery())


def _gathered(by: tuple[str, ...], period: str, at: str) -> str:
    """The dimensions; null is what is not asked for."""
    made = {one: BY[one].format(period=period, at=at) for one in by}
    values = (made.get(one, f"CAST(NULL AS {NOTHING[one]})") for one in BY)
    return ", ".join(map(" AS ".join, zip(values, NAMES, strict=True)))
