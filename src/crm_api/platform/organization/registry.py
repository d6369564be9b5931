"""All tenants of this installation: for operators, outside any tenant."""

from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Row, select, update

from crm_api.kit.actor import Tenant
from crm_api.kit.context import House
from crm_api.kit.db import table_of

from .models import TenantEntry
from .settled import OF_TENANT, SETTLED

TENANTS = table_of(TenantEntry)
ONE = f"""
SELECT CASE WHEN set_config('app.tenant', $1::uuid::text, true) IS NOT NULL THEN (
  SELECT row_to_json(found)::text FROM (
    SELECT {SETTLED} FROM (SELECT $1::uuid AS tenant_id) a {OF_TENANT.format(of="a")}
  ) found
) END"""


class TenantRegistry:
    def __init__(self, house: House) -> None:
        self.house = house

    async def list(self) -> list[Row[Any]]:
        """`tenant_id, kind, created_at, suspended_at, rate_limit`, oldest first."""
        async with self.house.pool.line() as line:
            return list(await line.orm.execute(select(TENANTS).order_by(TENANTS.c.created_at)))

    async def settled(self, id: UUID) -> Tenant:
        """A tenant as it has settled itself."""
        async with self.house.pool.line(id) as line:
            return Tenant.of(id, from_json(await line.driver.fetchval(ONE, id)))

    async def served(self, id: UUID) -> Tenant | None:
        """As `settled`; null for one that is not there, or suspended."""
        there = select(TENANTS.c.suspended_at).where(TENANTS.c.tenant_id == id)
        async with self.house.pool.line() as line:
            found = (await line.orm.execute(there)).first()
        return await self.settled(id) if found and found.suspended_at is None else None

    async def suspend(self, id: UUID, *, suspended: bool) -> bool:
        """Refuse all keys of a tenant, or admit them again; whether there is such a tenant."""
        return await self._set(id, suspended_at=self.house.clock.now() if suspended else None)

    async def limit(self, id: UUID, requests: int | None) -> bool:
        """Requests in a window, or null for as many as all others; whether there is such one."""
        return await self._set(id, rate_limit=requests)

    async def _set(self, id: UUID, **values: Any) -> bool:
        change = update(TENANTS).where(TENANTS.c.tenant_id == id).values(values)
        async with self.house.pool.line() as line:
            return bool((await line.orm.execute(change)).rowcount)
