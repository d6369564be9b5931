"""Which grade schemes there are, and which is in force in a unit."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, FromClause

from crm_api.kit.db import table_of
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.statement import quoted
from crm_api.platform.business_units.in_force import InForceIn
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import GradeScheme, GradeSchemeState
from .schemas import GradeSchemeRead

SCHEMES = table_of(GradeScheme)


def live(schemes: FromClause) -> ColumnElement[bool]:
    return schemes.c.state == quoted("live")


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
        InForceIn(SCHEMES, live),
        Field(
            description="The one scheme that is in force in this unit: its own, else that of the "
            "nearest unit above that has one, else the group's."
        ),
    ] = None
