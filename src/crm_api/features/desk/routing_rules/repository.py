from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, or_, select

from crm_api.features.desk.queues.resource import QUEUE
from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT, quoted
from crm_api.platform.business_units.criteria import LINES

from .models import RoutingRule
from .resource import ROUTING_RULE
from .schemas import RoutingRuleRead

RULES, QUEUES = table_of(RoutingRule), table_of(QUEUE.model)
ABOVE = select(LINES.c.ancestor_id).where(
    LINES.c.tenant_id == TENANT, LINES.c.unit_id == bindparam("unit", type_=Uuid())
)
LIVE = select(QUEUES.c.id).where(
    QUEUES.c.tenant_id == TENANT,
    QUEUES.c.id == RULES.c.queue_id,
    QUEUES.c.state == quoted("live"),
)
OF_UNIT = (
    select(RULES.c.id, RULES.c.conditions, RULES.c.queue_id, RULES.c.skills)
    .where(
        RULES.c.tenant_id == TENANT,
        RULES.c.enabled,
        or_(RULES.c.business_unit_id.is_(None), RULES.c.business_unit_id.in_(ABOVE)),
        LIVE.correlate(RULES).exists(),
    )
    .order_by(RULES.c.position)
)


class RoutingRuleRepository(Repository[RoutingRule, RoutingRuleRead]):
    model = RoutingRule
    noun = ROUTING_RULE
    read = RoutingRuleRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.of_units: dict[UUID | None, Sequence[Row[Any]]] = {}

    async def of_unit(self, unit: UUID | None) -> Sequence[Row[Any]]:
        """Those that tickets of a unit are held against, in their order: read once."""
        if unit not in self.of_units:
            self.of_units[unit] = await self.ctx.work.rows(OF_UNIT, {"unit": unit})
        return self.of_units[unit]
