"""What may be asked by the tree: what is under a unit, and how units stood on a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, FromClause, Uuid, and_, bindparam, or_, select

from crm_api.kit.db import table_of
from crm_api.kit.filters import Form, Plain
from crm_api.kit.statement import TENANT

from .models import BusinessUnitLine, BusinessUnitPeriod

LINES, PERIODS = table_of(BusinessUnitLine), table_of(BusinessUnitPeriod)


@dataclass(frozen=True, slots=True)
class Under(Plain):
    """Records whose column names a unit of today's tree below one of these, or one of these."""

    column: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        ancestor = LINES.c.ancestor_id
        below = select(LINES.c.unit_id).where(LINES.c.tenant_id == TENANT)
        wanted = bindparam(name, type_=ARRAY(Uuid())).any_() if form else bindparam(name)
        return table.c[self.column].in_(below.where(ancestor == wanted))


@dataclass(frozen=True, slots=True)
class AsOf:
    """Units with the parent and the legal entity of a date; those that had none are not there."""

    def rows(self, table: FromClause, name: str) -> FromClause:
        day = bindparam(name, type_=Date())
        then = and_(
            PERIODS.c.tenant_id == TENANT,
            PERIODS.c.unit_id == table.c.id,
            PERIODS.c.from_on <= day,
            or_(PERIODS.c.until_on > day, PERIODS.c.until_on.is_(None)),
        )
        place = {name: PERIODS.c[name] for name in ("parent_id", "legal_entity_id")}
        columns = [place.get(column.name, column) for column in table.c]
        rows = select(*columns).select_from(table.join(PERIODS, then))
        return rows.where(table.c.tenant_id == TENANT).subquery("then")

    def form(self, value: Any) -> Form:
        return True

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        return {name: value}
