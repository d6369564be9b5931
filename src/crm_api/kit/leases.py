"""Who works on what is due: leases that begin and end by the clock of the database.

Clocks of workers may differ, and one that is killed, or stopped for longer than its lease, only
loses time: what it held is due again.
"""

from collections.abc import Sequence

from .pool import Pool
from .timers import ALONE_WITH, Lease

ONE_AT_A_TIME = ALONE_WITH.format(kind="$1")
NOW = "now()::timestamptz(3)"
"""As exact as the columns are: what was put there a moment ago is due, though rounded up."""
# From lane to lane by the index, however many wait in each; then one of each tenant after another.
CLAIM = f"""
WITH RECURSIVE lanes AS (
  (SELECT tenant_id, lane FROM timers WHERE kind = $1 ORDER BY tenant_id, lane LIMIT 1)
  UNION ALL
  SELECT next.tenant_id, next.lane FROM lanes l CROSS JOIN LATERAL (
    SELECT tenant_id, lane FROM timers
    WHERE kind = $1 AND (tenant_id, lane) > (l.tenant_id, l.lane) ORDER BY tenant_id, lane LIMIT 1
  ) next
), due AS (
  SELECT w.*, row_number() OVER (PARTITION BY w.tenant_id ORDER BY w.place, w.due_at) AS turn
  FROM lanes l LEFT JOIN narrow_lanes n ON n.tenant_id = l.tenant_id AND n.lane = l.lane
  CROSS JOIN LATERAL (
    SELECT count(*) AS busy FROM timers
    WHERE tenant_id = l.tenant_id AND lane = l.lane AND held AND due_at > {NOW} AND kind = $1
  ) b CROSS JOIN LATERAL (
    SELECT tenant_id, id, due_at, row_number() OVER (ORDER BY due_at) AS place FROM timers
    WHERE kind = $1 AND tenant_id = l.tenant_id AND lane = l.lane AND due_at <= {NOW}
    ORDER BY due_at LIMIT greatest(coalesce(n.abreast, $2) - b.busy, 0)
  ) w
  WHERE n.not_before <= {NOW} IS NOT FALSE
)
UPDATE timers t SET held = true, due_at = now() + make_interval(secs => $4),
  fence = fence + 1, attempts = attempts + 1
FROM (SELECT tenant_id, id FROM due ORDER BY turn, due_at LIMIT $3) d
WHERE t.tenant_id = d.tenant_id AND t.id = d.id AND t.due_at <= {NOW}
RETURNING t.tenant_id, t.id, t.lane, t.fence, t.attempts"""
HELD = "UPDATE timers SET {} WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND held"
EXTEND = HELD.format("due_at = now() + make_interval(secs => $4)")
RELEASE = HELD.format("held = false, due_at = now(), attempts = greatest(attempts - 1, 0)")
REST = HELD.format("held = false, due_at = now() + make_interval(secs => $4), attempts = 0")


class Leases:
    """Leases of one kind of work, of `seconds` each, `abreast` at the same time in a lane."""

    def __init__(self, pool: Pool, kind: str, seconds: float, abreast: int) -> None:
        self.pool, self.kind, self.seconds, self.abreast = pool, kind, seconds, abreast

    async def claim(self, most: int) -> Sequence[Lease]:
        """What is due: of all tenants in turn, the oldest of each first."""
        async with self.pool.line() as line, line.driver.transaction():
            await line.driver.execute(ONE_AT_A_TIME, self.kind)
            asked = (self.kind, self.abreast, most, self.seconds)
            return [Lease(**row) for row in await line.driver.fetch(CLAIM, *asked)]

    async def extend(self, lease: Lease) -> bool:
        """Go on for as long again; false where the lease is lost."""
        return await self._change(EXTEND, lease, self.seconds)

    async def release(self, lease: Lease) -> bool:
        """Give back what was begun and not done, at once and as if it had never been taken."""
        return await self._change(RELEASE, lease)

    async def rest(self, lease: Lease, seconds: float) -> bool:
        """It is done for now, and due again after so long; false where the lease is lost."""
        return await self._change(REST, lease, seconds)

    async def _change(self, sql: str, lease: Lease, *more: float) -> bool:
        async with self.pool.line() as line:
            done: str = await line.driver.execute(
                sql, lease.tenant_id, lease.id, lease.fence, *more
            )
        return done.endswith(" 1")
