from crm_api.kit.pool import Pool

from .models import RateLimit
from .rules import Grant, Lease

# `$3` window, `$4` what may be promised of `$5`, `$6` wanted, `$7` what is left of span `$8`.
# A clock that went back a little is overruled by the row; the last tenth is granted one by one.
LEASE = f"""
WITH tenant AS MATERIALIZED (SELECT set_config('app.tenant', $1::uuid::text, true)),
asked AS (SELECT floor(extract(epoch FROM clock_timestamp()) / $3::int)::bigint AS span FROM tenant)
INSERT INTO {RateLimit.__tablename__} AS kept (tenant_id, subject_id, span, taken, granted)
SELECT $1, $2, span, first.granted, first.granted FROM asked, (
  SELECT CASE WHEN $4::bigint > 0 THEN least($6::bigint, greatest($4 / 4, 1))
    ELSE least($5::bigint, 1) END AS granted
) first
ON CONFLICT (tenant_id, subject_id) DO UPDATE SET (span, taken, granted) = (
  SELECT this.span, used.taken + new.granted, new.granted
  FROM (
    SELECT CASE kept.span WHEN excluded.span + 1 THEN kept.span ELSE excluded.span END AS span
  ) this, LATERAL (
    SELECT CASE WHEN this.span <> kept.span THEN 0 WHEN this.span = $8::bigint
      THEN kept.taken - $7::bigint ELSE kept.taken END AS taken
  ) used, LATERAL (
    SELECT CASE WHEN used.taken < $4 THEN least($6, greatest(($4 - used.taken) / 4, 1))
      WHEN used.taken < $5 THEN 1 ELSE 0 END AS granted
  ) new
)
RETURNING span, granted, taken,
  ((span + 1) * $3 - extract(epoch FROM clock_timestamp()))::float8 AS seconds"""


async def ask(pool: Pool, lease: Lease) -> Grant:
    """Give back what is left of a lease, and take anew; all in one statement."""
    of = lease.quota
    async with pool.line(lease.tenant_id) as line:
        found = await line.driver.fetchrow(
            LEASE,
            lease.tenant_id,
            lease.subject_id,
            of.window,
            of.promised,
            of.most,
            lease.wanted,
            lease.left,
            lease.span,
        )
    return Grant(found["span"], found["granted"], found["taken"], found["seconds"])
