from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.pipeline.pipelines.service import PipelineService
from crm_api.kit.context import Context
from crm_api.kit.money import MoneySum
from crm_api.platform.business_units.rules import midnight, today

from .queries import MOST
from .repository import FunnelRepository
from .schemas import Funnel, FunnelAsked, FunnelStage, days


class FunnelService:
    """How deals went through the stages of a pipeline, from what was written as they did."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.zone, self.base = ctx.tenant.time_zone, ctx.tenant.base_currency

    async def funnel(self, pipeline: UUID, asked: FunnelAsked) -> Funnel:
        await PipelineService(self.ctx).get(pipeline)
        first, until = days(asked, today(self.ctx.now, self.zone))
        told = {
            "pipeline": pipeline,
            "begins": midnight(first, self.zone),
            "ends": midnight(until, self.zone),
            "zone": self.zone,
            "base": self.base,
        }
        listed = asked.model_dump(include={"owner_id", "source", "business_unit_id", "under"})
        told |= {name: values for name, values in listed.items() if values}
        found = await FunnelRepository(self.ctx).stages(tuple(asked.by), asked.period, told)
        return Funnel(
            object="funnel",
            pipeline_id=pipeline,
            from_on=first,
            until_on=until,
            stages=[self._stage(row) for row in found[:MOST]],
            more_stages=len(found) > MOST,
        )

    def _stage(self, row: dict[str, Any]) -> FunnelStage:
        ids = {name: UUID(row[name]) for name in ("owner_id", "stage_id") if row[name]}
        value = MoneySum.of(Decimal(row["value"]), self.base)
        return FunnelStage.model_validate({**row, **ids, "value": value})
