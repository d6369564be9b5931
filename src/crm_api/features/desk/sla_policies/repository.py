from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, and_, bindparam, case, func, or_, select

from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT, quoted
from crm_api.platform.business_units.criteria import LINES
from crm_api.platform.calendars.models import BusinessCalendar

from .models import SlaPolicy
from .resource import SLA_POLICY
from .rules import Policy
from .schemas import SlaPolicyRead

POLICIES, CALENDARS = table_of(SlaPolicy), table_of(BusinessCalendar)
CHANGED, INHERITS = bindparam("calendar", type_=Uuid()), CALENDARS.c.inherits_id
COLUMNS = [POLICIES.c[name] for name in Policy.__dataclass_fields__]
UNIT = and_(
    LINES.c.tenant_id == TENANT,
    LINES.c.unit_id == bindparam("unit", type_=Uuid()),
    LINES.c.ancestor_id == POLICIES.c.business_unit_id,
)
NEARNESS = func.coalesce(LINES.c.depth, 1_000_000)
"""Of the group, which is no unit, more than of any."""
IN_FORCE = (
    select(*COLUMNS)
    .select_from(POLICIES.outerjoin(LINES, UNIT))
    .where(
        POLICIES.c.tenant_id == TENANT,
        POLICIES.c.state == quoted("live"),
        POLICIES.c.enabled,
        or_(POLICIES.c.business_unit_id.is_(None), LINES.c.depth.is_not(None)),
    )
    .order_by(
        POLICIES.c.is_default,
        case((POLICIES.c.is_default, NEARNESS), else_=POLICIES.c.position),
        POLICIES.c.id,
    )
)
GIVEN = select(*COLUMNS).where(
    POLICIES.c.tenant_id == TENANT, POLICIES.c.id == bindparam("policy", type_=Uuid())
)

OF_CALENDAR = (
    select(POLICIES.c.id)
    .join_from(
        POLICIES,
        CALENDARS,
        and_(CALENDARS.c.tenant_id == TENANT, CALENDARS.c.id == POLICIES.c.calendar_id),
    )
    .where(POLICIES.c.tenant_id == TENANT, or_(CALENDARS.c.id == CHANGED, INHERITS == CHANGED))
)


class SlaPolicyRepository(Repository[SlaPolicy, SlaPolicyRead]):
    model = SlaPolicy
    noun = SLA_POLICY
    read = SlaPolicyRead

    def place(self, values: Mapping[str, Any]) -> None:
        """A policy that is there from the beginning."""
        made = {"created_at": self.ctx.now, "updated_at": self.ctx.now}
        self.link(SlaPolicy, id=self.ctx.new_id(), **made, **values)

    async def in_force(self, unit: UUID | None) -> list[Policy]:
        """Those that are held against tickets of a unit, in this order."""
        return [_policy(row) for row in await self.ctx.work.rows(IN_FORCE, {"unit": unit})]

    async def known(self, id: UUID) -> Policy | None:
        """As it stands, even if it is held against no more tickets."""
        found = await self.ctx.work.rows(GIVEN, {"policy": id})
        return _policy(found[0]) if found else None

    async def by_calendar(self, calendar: UUID) -> list[UUID]:
        """Those whose clocks count in its hours, or in those of one that inherits from it."""
        found = await self.ctx.work.rows(OF_CALENDAR, {"calendar": calendar})
        return [row.id for row in found]


def _policy(row: Row[Any]) -> Policy:
    return Policy(**row._mapping)
