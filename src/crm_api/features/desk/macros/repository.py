from uuid import UUID

from sqlalchemy import Uuid, bindparam, or_, select

from crm_api.kit.db import table_of
from crm_api.kit.naming import NamedRepository
from crm_api.kit.statement import TENANT
from crm_api.platform.business_units.criteria import LINES

from .models import Macro
from .resource import MACRO
from .schemas import MacroActions, MacroRead

MACROS = table_of(Macro)
ABOVE = select(LINES.c.ancestor_id).where(
    LINES.c.tenant_id == TENANT, LINES.c.unit_id == bindparam("unit", type_=Uuid())
)
OF_UNIT = select(MACROS.c.actions).where(
    MACROS.c.tenant_id == TENANT,
    MACROS.c.id == bindparam("macro", type_=Uuid()),
    or_(MACROS.c.business_unit_id.is_(None), MACROS.c.business_unit_id.in_(ABOVE)),
)


class MacroRepository(NamedRepository[Macro, MacroRead]):
    model = Macro
    noun = MACRO
    read = MacroRead

    async def for_unit(self, id: UUID, unit: UUID) -> MacroActions | None:
        """What a macro does to tickets of a unit; null where it is not for those."""
        found = await self.ctx.work.rows(OF_UNIT, {"macro": id, "unit": unit})
        return MacroActions.model_validate(found[0].actions) if found else None
