from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Uuid, and_, bindparam, func, or_, select

from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT
from crm_api.platform.business_units.criteria import LINES

from .models import RatingPolicy
from .resource import RATING_POLICY
from .rules import Policy
from .schemas import RatingPolicyRead

POLICIES = table_of(RatingPolicy)
COLUMNS = [POLICIES.c[name] for name in Policy.__dataclass_fields__]
UNIT = and_(
    LINES.c.tenant_id == TENANT,
    LINES.c.unit_id == bindparam("unit", type_=Uuid()),
    LINES.c.ancestor_id == POLICIES.c.business_unit_id,
)
NEARNESS = func.coalesce(LINES.c.depth, 1_000_000)
"""Of the group, which is no unit, more than of any."""
OF_UNIT = (
    select(*COLUMNS)
    .select_from(POLICIES.outerjoin(LINES, UNIT))
    .where(
        POLICIES.c.tenant_id == TENANT,
        or_(POLICIES.c.business_unit_id.is_(None), LINES.c.depth.is_not(None)),
    )
    .order_by(NEARNESS)
    .limit(1)
)
GIVEN = select(*COLUMNS).where(
    POLICIES.c.tenant_id == TENANT, POLICIES.c.id == bindparam("policy", type_=Uuid())
)


class RatingPolicyRepository(Repository[RatingPolicy, RatingPolicyRead]):
    model = RatingPolicy
    noun = RATING_POLICY
    read = RatingPolicyRead

    async def of_unit(self, unit: UUID) -> Policy | None:
        """The unit's own, else that of the nearest above, else the group's."""
        return await self._one(OF_UNIT, unit=unit)

    async def known(self, id: UUID) -> Policy | None:
        return await self._one(GIVEN, policy=id)

    async def _one(self, asked: Executable, **values: Any) -> Policy | None:
        found = await self.ctx.work.rows(asked, values)
        return Policy(**found[0]._mapping) if found else None
