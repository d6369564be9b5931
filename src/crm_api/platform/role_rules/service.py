from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.identity_providers.service import IdentityProviderService
from crm_api.platform.role_assignments.service import RoleAssignmentService

from .errors import TooManyRules
from .events import RoleRuleCreated, RoleRuleDeleted
from .repository import RoleRuleRepository
from .schemas import RoleRuleCreate, RoleRuleQuery, RoleRuleRead

MOST_RULES = 200
"""Of one provider."""


class RoleRuleService:
    """Which roles tokens give. Nobody gives more than he holds."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules = RoleRuleRepository(ctx)

    async def list(self, query: RoleRuleQuery) -> Listing:
        return await self.rules.page(query)

    async def get(self, id: UUID) -> Document[RoleRuleRead]:
        return await self.rules.get(id)

    async def create(self, data: RoleRuleCreate) -> Written[RoleRuleRead]:
        """Raises GivesMore, Invalid, TooManyRules."""
        await RoleAssignmentService(self.ctx).check_giving(data.role_id, data.business_unit_id)
        await IdentityProviderService(self.ctx).hold(data.identity_provider_id)
        of = {"identity_provider_id": data.identity_provider_id}
        if await self.rules.counted(**of) >= MOST_RULES:
            raise TooManyRules(MOST_RULES)
        return self.rules.add(RoleRuleCreated, **data.model_dump())

    async def delete(self, id: UUID) -> None:
        self.rules.remove(await self.rules.load(id), RoleRuleDeleted)
