"""Of what units may have one each, that which is in force in a unit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Table,
    Uuid,
    and_,
    bindparam,
    or_,
    select,
)

from crm_api.kit.filters import Form, Plain
from crm_api.kit.statement import TENANT

from .criteria import LINES


def nearest(
    table: Table, unit: ColumnElement[Any], live: Callable[[FromClause], ColumnElement[bool]]
) -> ScalarSelect[Any]:
    """The id of the row that is in force in a unit: of those that are `live` its own, else that of
    the nearest unit above that has one, else the group's."""
    line, rows = LINES.alias("line"), table.alias("in_force")
    of_unit = rows.c.business_unit_id
    above = or_(of_unit == line.c.ancestor_id, of_unit.is_(None))
    found = select(rows.c.id).join_from(line, rows, and_(rows.c.tenant_id == TENANT, above))
    found = found.where(line.c.tenant_id == TENANT, line.c.unit_id == unit, live(rows))
    found = found.order_by(of_unit.is_(None), line.c.depth).limit(1)
    return found.correlate_except(line, rows).scalar_subquery()


@dataclass(frozen=True, slots=True)
class InForceIn(Plain):
    """The one row that is in force in a unit, if any is."""

    table: Table
    live: Callable[[FromClause], ColumnElement[bool]]

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        return table.c.id == nearest(self.table, bindparam(name, type_=Uuid()), self.live)
