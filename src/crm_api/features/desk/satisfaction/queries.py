"""The statement that tells how satisfied customers are."""

from functools import lru_cache

from sqlalchemy import Text, column, text

from crm_api.features.desk.rating_policies.schemas import BAD, GOOD, RatingKind
from crm_api.features.desk.ratings.resource import RATING
from crm_api.kit.db import table_of
from crm_api.kit.sight import Seen, and_seen
from crm_api.kit.statement import Statement, as_text, in_tenant
from crm_api.platform.business_units.criteria import Under

MOST = 5000
RATINGS = table_of(RATING.model)
BY = {
    "period": "CAST(date_trunc('{period}', timezone(:zone, ratings.asked_at)) AS date)",
    "business_unit_id": "ratings.business_unit_id",
    "assignee_id": "ratings.assignee_id",
    "type": "ratings.type",
}
NAMES = ("period_on", "business_unit_id", "assignee_id", "type")
NOTHING = {"period": "date", "business_unit_id": "uuid", "assignee_id": "uuid", "type": "text"}
FILTERS = {
    "business_unit_id": "ratings.business_unit_id = ANY(CAST(:business_unit_id AS uuid[]))",
    "under": as_text(Under("business_unit_id").condition(RATINGS, "under", form=True)),
    "assignee_id": "ratings.assignee_id = ANY(CAST(:assignee_id AS uuid[]))",
    "type": "ratings.type = ANY(CAST(:type AS text[]))",
}
SATISFACTION = """
SELECT CAST(json_agg(row_to_json(r)) AS text) AS told FROM (
  SELECT period_on, business_unit_id, assignee_id, type, asked, answered,
    CAST(round(CAST(answered AS numeric) / asked, 4) AS text) AS response_rate,
    rated, CAST(round(CAST(satisfied AS numeric) / nullif(rated, 0), 4) AS text) AS csat,
    recommended,
    CAST(round(100 * CAST(promoters - detractors AS numeric) / nullif(recommended, 0), 1) AS text)
      AS nps
  FROM (
    SELECT {by}, count(*) AS asked,
      count(*) FILTER (WHERE state = 'answered') AS answered,
      count(score) FILTER (WHERE kind = 'csat') AS rated,
      count(*) FILTER (WHERE kind = 'csat' AND score >= {satisfied}) AS satisfied,
      count(score) FILTER (WHERE kind = 'nps') AS recommended,
      count(*) FILTER (WHERE kind = 'nps' AND score >= {promoter}) AS promoters,
      count(*) FILTER (WHERE kind = 'nps' AND score <= {detractor}) AS detractors
    FROM ratings
    WHERE ratings.tenant_id = :tenant AND ratings.asked_at >= CAST(:begins AS timestamptz)
      AND ratings.asked_at < CAST(:ends AS timestamptz){seen}{chosen}
    GROUP BY 1, 2, 3, 4
  ) counted
  ORDER BY period_on, business_unit_id, assignee_id, type LIMIT {most}
) r"""


@lru_cache(maxsize=256)
def satisfaction(
    by: tuple[str, ...], period: str, used: tuple[str, ...], seen: Seen | None
) -> Statement:
    """It depends on what ratings are gathered by, on the filters, and on who asks."""
    sql = SATISFACTION.format(
        by=_gathered(by, period),
        satisfied=GOOD[RatingKind.csat],
        promoter=GOOD[RatingKind.nps],
        detractor=BAD[RatingKind.nps],
        seen=and_seen(RATINGS, seen),
        chosen="".join(f" AND {FILTERS[name]}" for name in used),
        most=MOST + 1,
    )
    return in_tenant(text(sql).columns(column("told", Text)).scalar_subquery())


def _gathered(by: tuple[str, ...], period: str) -> str:
    """The dimensions; null is what is not asked for."""
    made = {one: BY[one].format(period=period) for one in by}
    values = (made.get(one, f"CAST(NULL AS {NOTHING[one]})") for one in BY)
    return ", ".join(map(" AS ".join, zip(values, NAMES, strict=True)))
