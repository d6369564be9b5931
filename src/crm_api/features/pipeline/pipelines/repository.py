from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, select

from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.events import Event
from crm_api.kit.projection import ID, Written, body_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT
from crm_api.kit.writing import Verb
from crm_api.platform.business_units.criteria import LINES
from crm_api.platform.business_units.in_force import nearest

from . import rules
from .events import PipelineCreated
from .models import Pipeline, Stage
from .queries import PIPELINES, default
from .resource import PIPELINE
from .schemas import PipelineRead

STAGES = table_of(Stage)
STANDS_UNDER = select(LINES.c.unit_id).where(
    LINES.c.tenant_id == TENANT,
    LINES.c.unit_id == bindparam("unit"),
    LINES.c.ancestor_id == bindparam("above"),
)
DEFAULT = nearest(PIPELINES, bindparam("unit", type_=Uuid()), default)


class PipelineRepository(Repository[Pipeline, PipelineRead]):
    model = Pipeline
    noun = PIPELINE
    read = PipelineRead

    def add_new(self, **values: Any) -> Written[PipelineRead]:
        id = self.ctx.new_id()
        for position, stage in enumerate(values["stages"]):
            self.link(Stage, **rules.row(id, position, stage))
        return self.add(PipelineCreated, id=id, **values)

    def rewrite(self, row: Pipeline, event: type[Event], **values: Any) -> Written[PipelineRead]:
        """With the rows of its stages, where these change."""
        if "stages" in values:
            known = {stage["id"] for stage in row.stages}
            for position, stage in enumerate(values["stages"]):
                verb: Verb = "update" if stage["id"] in known else "insert"
                self.ctx.work.stage(verb, STAGES, rules.row(row.id, position, stage))
        return self.change(row, event, **values)

    async def held(self, id: UUID) -> PipelineRead | None:
        """As it is until the commit."""
        return await _held(self.ctx, ID, id=id)

    async def held_default(self, unit: UUID) -> PipelineRead | None:
        """That of a unit, as it is until the commit."""
        return await _held(self.ctx, DEFAULT, unit=unit)

    async def is_for(self, pipeline: PipelineRead, unit: UUID) -> bool:
        """Whether a unit works with a pipeline: its own, one above it, or the group's."""
        of = pipeline.business_unit_id
        if of is None or of == unit:
            return True
        return bool(await self.ctx.work.rows(STANDS_UNDER, {"unit": unit, "above": of}))


async def _held(ctx: Context, which: ColumnElement[Any], **asked: UUID) -> PipelineRead | None:
    body, source = body_of(PipelineRead, masks=None)
    held = select(body).select_from(source).where(PIPELINES.c.tenant_id == TENANT)
    held = held.where(PIPELINES.c.id == which).with_for_update(read=True, of=PIPELINES)
    found = await ctx.work.rows(held, asked)
    return PipelineRead.model_validate_json(found[0][0]) if found else None
