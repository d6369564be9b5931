"""Which grade schemes there are, and which is in force in a unit."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Uuid,
    bindparam,
    or_,
    select,
)

from crm_api.kit.db import table_of
from crm_api.kit.filters import Form, OneOf, Plain, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.statement import TENANT, quoted
from crm_api.platform.business_units.criteria import LINES
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import GradeScheme, GradeSchemeState
from .schemas import GradeSchemeRead

SCHEMES = table_of(GradeScheme)


def in_force(unit: BindParameter[Any]) -> ScalarSelect[Any]:
    """The id of the unit's own live scheme, else of the nearest one above, else the group's."""
    line = LINES.alias("line")
    schemes = SCHEMES.alias("in_force")
    of_unit = schemes.c.business_unit_id
    above = or_(of_unit == line.c.ancestor_id, of_unit.is_(None))
    live = (schemes.c.tenant_id == TENANT, schemes.c.state == quoted("live"), above)
    found = select(schemes.c.id).join_from(line, schemes, live[0] & live[1] & live[2])
    found = found.where(line.c.tenant_id == TENANT, line.c.unit_id == unit)
    nearest = found.order_by(of_unit.is_(None), line.c.depth).limit(1)
    return nearest.correlate(None).scalar_subquery()


@dataclass(frozen=True, slots=True)
class InForceIn(Plain):
    """The one scheme that is in force in a unit, if any is."""

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        return table.c.id == in_force(bindparam(name, type_=Uuid()))


class GradeSchemePage(Page[GradeSchemeRead]):
    """One page of grade schemes."""


class GradeSchemeQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    state: Annotated[list[GradeSchemeState], OneOf("state"), Field(max_length=10)] = [
        GradeSchemeState.live
    ]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    in_force_in: Annotated[
        BusinessUnitId | None,
        InForceIn(),
        Field(
            description="The one scheme that is in force in this unit: its own, else that of the "
            "nearest unit above that has one, else the group's."
        ),
    ] = None
