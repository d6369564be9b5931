"""Deliveries are kept for a time only, and their attempts with them."""

from uuid import UUID

from crm_api.kit.context import House
from crm_api.platform.organization.registry import TenantRegistry

from .service import DAYS

IN_TENANT = "SELECT set_config('app.tenant', $1::text, true)"
OLD = """
DELETE FROM webhook_deliveries d WHERE tenant_id = $1 AND id IN (
  SELECT id FROM webhook_deliveries
  WHERE tenant_id = $1 AND created_at < now() - make_interval(days => $2)
  AND state NOT IN ('pending', 'retrying')
  ORDER BY created_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)"""
BATCH = 1000


class ForgettingDeliveries:
    """Those of thirty days ago, in real time; what is still being tried stays."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def turn(self) -> int:
        """One batch of each tenant; how many were removed."""
        tenants = await TenantRegistry(self.house).list()
        return sum([await self._forget(tenant.tenant_id) for tenant in tenants])

    async def _forget(self, tenant: UUID) -> int:
        async with self.house.pool.line() as line, line.driver.transaction():
            await line.driver.execute(IN_TENANT, str(tenant))
            done: str = await line.driver.execute(OLD, tenant, DAYS, BATCH)
        return int(done.rpartition(" ")[2])
