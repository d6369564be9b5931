from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.money import Money
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.business_units.working import check_own
from crm_api.platform.users.service import UserService

from . import rules
from .events import QuotaCreated, QuotaDeleted, QuotaUpdated
from .repository import QuotaRepository
from .schemas import QuotaCreate, QuotaQuery, QuotaRead, QuotaUpdate

WRITE = "quotas:write"


class QuotaService:
    """What is to be won, by whom and where, period by period."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.quotas = QuotaRepository(ctx)

    async def list(self, query: QuotaQuery) -> Listing:
        return await self.quotas.page(query)

    async def get(self, id: UUID) -> Document[QuotaRead]:
        return await self.quotas.get(id)

    async def create(self, data: QuotaCreate) -> Written[QuotaRead]:
        """Raises UnfitQuota, NotYours, UnknownReference, UnknownUsers."""
        rules.check_begins(data.period, data.starts_on)
        unit, user = data.business_unit_id, data.user_id
        check_own(self.ctx.actor, WRITE, unit, (user,), "business_unit_id")
        if unit:
            await BusinessUnitService(self.ctx).check_live(unit)
        if user:
            await UserService(self.ctx).check_named({"/user_id": user})
        return self.quotas.add(QuotaCreated, **{**data.changes(), **self._told(data.amount)})

    async def update(self, id: UUID, data: QuotaUpdate) -> Written[QuotaRead]:
        quota = await self.quotas.load(id)
        told = self._told(data.amount) if isinstance(data.amount, Money) else {}
        return self.quotas.change(quota, QuotaUpdated, **told)

    async def delete(self, id: UUID) -> None:
        self.quotas.remove(await self.quotas.load(id), QuotaDeleted)

    def _told(self, amount: Money) -> dict[str, Any]:
        rules.check_currency(amount.currency, self.ctx.tenant.base_currency)
        return {"amount": amount.value, "currency": amount.currency}
