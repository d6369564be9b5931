from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from .events import RatingPolicyCreated, RatingPolicyDeleted, RatingPolicyUpdated
from .repository import RatingPolicyRepository
from .rules import Policy
from .schemas import (
    RatingPolicyCreate,
    RatingPolicyQuery,
    RatingPolicyRead,
    RatingPolicyUpdate,
)


class RatingPolicyService:
    """Whether customers are asked how satisfied they are, and which policy says so of whom."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = RatingPolicyRepository(ctx)

    async def list(self, query: RatingPolicyQuery) -> Listing:
        return await self.policies.page(query)

    async def get(self, id: UUID) -> Document[RatingPolicyRead]:
        return await self.policies.get(id)

    async def create(self, data: RatingPolicyCreate) -> Written[RatingPolicyRead]:
        if data.business_unit_id:
            await BusinessUnitService(self.ctx).check_live(data.business_unit_id)
        return self.policies.add(RatingPolicyCreated, **data.changes())

    async def update(self, id: UUID, data: RatingPolicyUpdate) -> Written[RatingPolicyRead]:
        policy = await self.policies.load(id)
        return self.policies.change(policy, RatingPolicyUpdated, **data.changes())

    async def delete(self, id: UUID) -> None:
        self.policies.remove(await self.policies.load(id), RatingPolicyDeleted)

    async def of_unit(self, unit: UUID) -> Policy | None:
        """The one for tickets of a unit: its own, of the nearest above it, or the group's."""
        return await self.policies.of_unit(unit)

    async def known(self, id: UUID | None) -> Policy | None:
        return await self.policies.known(id) if id else None
