from collections.abc import Callable

from crm_api.kit.context import Context
from crm_api.kit.projection import Document, Written

from .events import TenantClockAdvanced, TenantUpdated
from .repository import TenantRepository
from .schemas import TenantCreate, TenantRead, TenantUpdate


class TenantService:
    """The group company itself: what it has settled for all of its work here."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.tenants = TenantRepository(ctx)

    async def get(self) -> Document[TenantRead]:
        return await self.tenants.get(self.ctx.tenant.id)

    def create(self, data: TenantCreate) -> Written[TenantRead]:
        return self.tenants.found(data)

    async def update(self, data: TenantUpdate) -> Written[TenantRead]:
        tenant = await self.tenants.load(self.ctx.tenant.id)
        self._forget()
        return self.tenants.change(tenant, TenantUpdated, **data.changes())

    async def advance_clock(self, further: Callable[[int], int]) -> tuple[int, int]:
        """Puts the clock as many seconds ahead as `further` makes of those of before: both."""
        tenant = await self.tenants.load(self.ctx.tenant.id)
        before = tenant.clock_advanced_seconds
        ahead = further(before)
        self.tenants.change(tenant, TenantClockAdvanced, clock_advanced_seconds=ahead)
        self._forget()
        return before, ahead

    def _forget(self) -> None:
        """This process learns of it at once, and others within a second."""
        self.ctx.afterwards.append(lambda: self.ctx.house.doorkeeper.forget(self.ctx.tenant.id))
