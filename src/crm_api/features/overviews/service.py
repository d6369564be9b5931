from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.projection import Document

from .repository import OverviewRepository
from .schemas import CustomerOverview


class OverviewService:
    """What to show first of a customer."""

    def __init__(self, ctx: Context) -> None:
        self.overviews = OverviewRepository(ctx)

    async def get(self, customer: UUID) -> Document[CustomerOverview]:
        return await self.overviews.of(customer)
