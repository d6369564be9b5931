"""Numbers the events of each tenant, after they are committed: 1, 2, 3, without a gap.

A number inside the business transaction would make all writers of a tenant wait for one another.
What counts is the row that has no number yet, never a position reached, so no event is passed by.
"""

from uuid import UUID

from crm_api.kit.pool import Pool

ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtextextended('sequence ' || $1::text, 0))"
NUMBER = """
WITH due AS (
  SELECT id, row_number() OVER (ORDER BY created_at, object_id, version, id) AS place FROM (
    SELECT * FROM events WHERE tenant_id = $1 AND sequence IS NULL ORDER BY id LIMIT $2
  ) unnumbered
)
UPDATE events SET sequence = due.place + (
  SELECT coalesce(max(sequence), 0) FROM events WHERE tenant_id = $1
) FROM due WHERE events.tenant_id = $1 AND events.id = due.id"""
BATCH = 1000
TENANTS = "SELECT tenant_id FROM tenants"
AGE = """
SELECT CASE WHEN set_config('app.tenant', $1, true) IS NOT NULL THEN (
  SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM events
  WHERE tenant_id = $1::uuid AND sequence IS NULL ORDER BY id LIMIT 1
) END"""


class Sequencer:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def number_all(self) -> int:
        """One batch of each tenant; how many events were numbered."""
        async with self.pool.line() as line:
            tenants = [row["tenant_id"] for row in await line.driver.fetch(TENANTS)]
        return sum([await self._number(tenant) for tenant in tenants])

    async def _number(self, tenant: UUID) -> int:
        async with self.pool.line() as line, line.driver.transaction():
            await line.driver.execute("SELECT set_config('app.tenant', $1, true)", str(tenant))
            if not await line.driver.fetchval(ONE_AT_A_TIME, str(tenant)):
                return 0
            done: str = await line.driver.execute(NUMBER, tenant, BATCH)
            return int(done.rpartition(" ")[2])

    async def lag(self) -> float:
        """Seconds since the oldest event that has no number; 0 where there is none."""
        async with self.pool.line() as line:
            tenants = await line.driver.fetch(TENANTS)
            ages = [await line.driver.fetchval(AGE, str(row["tenant_id"])) for row in tenants]
        return max((age for age in ages if age is not None), default=0.0)
