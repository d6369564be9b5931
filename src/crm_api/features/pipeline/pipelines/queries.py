"""Which pipelines there are, and which is the default in a unit."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, FromClause, and_

from crm_api.kit.db import table_of
from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.statement import quoted
from crm_api.platform.business_units.in_force import InForceIn
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.teams.schemas import TeamId

from .models import Pipeline, PipelineState
from .schemas import PipelineRead

PIPELINES = table_of(Pipeline)


def default(pipelines: FromClause) -> ColumnElement[bool]:
    return and_(pipelines.c.state == quoted("live"), pipelines.c.is_default)


class PipelinePage(Page[PipelineRead]):
    """One page of pipelines."""


class PipelineQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    state: Annotated[list[PipelineState], OneOf("state"), Field(max_length=10)] = [
        PipelineState.live
    ]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    team_id: Annotated[list[TeamId], Where("team_id"), Field(max_length=50)] = []
    default_in: Annotated[
        BusinessUnitId | None,
        InForceIn(PIPELINES, default),
        Field(
            description="The one pipeline that new deals of this unit are in: its own default one, "
            "else that of the nearest unit above that has one, else the group's."
        ),
    ] = None
