"""What is kept for a time only is removed when the time is over."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.kit.context import House
from crm_api.platform.organization.registry import TenantRegistry

IN_TENANT = "SELECT set_config('app.tenant', $1::text, true)"
OLD_ANSWERS = """
DELETE FROM idempotency_keys WHERE (tenant_id, operation, key) IN (
  SELECT tenant_id, operation, key FROM idempotency_keys
  WHERE tenant_id = $1 AND created_at < now() - make_interval(days => $2)
  ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED)"""
OLD_PARTS = """
DELETE FROM job_parts WHERE (tenant_id, job_id, file, number) IN (
  SELECT p.tenant_id, p.job_id, p.file, p.number
  FROM jobs j JOIN job_parts p ON p.tenant_id = j.tenant_id AND p.job_id = j.id
  WHERE j.tenant_id = $1 AND j.finished_at < now() - make_interval(days => $2) LIMIT $3)"""
BATCH = 1000


class Forgetting:
    """Kept answers to idempotency keys, and what jobs have made, seven days after they were
    given and made, in real time."""

    old: Sequence[str] = (OLD_ANSWERS, OLD_PARTS)
    days = 7

    def __init__(self, house: House) -> None:
        self.house = house

    async def turn(self) -> int:
        """One batch of each tenant; how many rows were removed."""
        tenants = await TenantRegistry(self.house).list()
        return sum([await self._forget(tenant.tenant_id) for tenant in tenants])

    async def _forget(self, tenant: UUID) -> int:
        async with self.house.pool.line() as line, line.driver.transaction():
            await line.driver.execute(IN_TENANT, str(tenant))
            done = [await line.driver.execute(sql, tenant, self.days, BATCH) for sql in self.old]
        return sum(int(one.rpartition(" ")[2]) for one in done)
