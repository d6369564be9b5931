from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.definitions import NONE
from crm_api.kit.errors import UnknownReference
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .errors import ArchivedPipeline, NoPipeline, OtherUnit
from .events import PipelineArchived, PipelineRestored, PipelineUpdated
from .models import PipelineState
from .queries import PipelineQuery
from .repository import PipelineRepository
from .schemas import PipelineCreate, PipelineRead, PipelineUpdate, ReasonInput, StageInput

Sent = dict[str, Any]


class PipelineService:
    """The ways that deals go, stage by stage."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.pipelines = PipelineRepository(ctx)
        self.ways: dict[tuple[UUID, UUID | None], PipelineRead] = {}

    async def list(self, query: PipelineQuery) -> Listing:
        return await self.pipelines.page(query)

    async def get(self, id: UUID) -> Document[PipelineRead]:
        return await self.pipelines.get(id)

    async def create(self, data: PipelineCreate) -> Written[PipelineRead]:
        if data.business_unit_id:
            await BusinessUnitService(self.ctx).check_live(data.business_unit_id)
        preset = [StageInput.model_validate(stage) for stage in rules.PRESET]
        reasons = [ReasonInput.model_validate(reason) for reason in rules.REASONS]
        whole = {"stages": preset, "loss_reasons": reasons, **_sent(data)}
        return self.pipelines.add_new(**await self._made(whole, [], []))

    async def update(self, id: UUID, data: PipelineUpdate) -> Written[PipelineRead]:
        """A deal that is under way keeps what is retired from being so: see the deals."""
        pipeline = await self.pipelines.editable(id)
        made = await self._made(_sent(data), pipeline.stages, pipeline.loss_reasons)
        return self.pipelines.rewrite(pipeline, PipelineUpdated, **made)

    async def archive(self, id: UUID) -> Written[PipelineRead]:
        return await self.pipelines.move(id, PipelineState.archived, PipelineArchived)

    async def restore(self, id: UUID) -> Written[PipelineRead]:
        return await self.pipelines.move(id, PipelineState.live, PipelineRestored)

    async def hold(self, id: UUID) -> PipelineRead:
        """As it is until the commit, for a deal that goes on in it. Raises UnknownReference."""
        held = await self.pipelines.held(id)
        if held is None:
            raise UnknownReference("/pipeline_id")
        return held

    async def hold_in_use(self, id: UUID) -> PipelineRead:
        """As `hold`, for a deal that goes on where it is. Raises ArchivedPipeline."""
        held = await self.hold(id)
        if held.state == PipelineState.archived:
            raise ArchivedPipeline
        return held

    async def hold_for(self, unit: UUID, said: UUID | None) -> PipelineRead:
        """The one that a deal of a unit goes in, as it is until the commit; the default one, where
        none is said. Each is looked for once. Raises UnknownReference, ArchivedPipeline,
        NoPipeline, OtherUnit."""
        if (unit, said) not in self.ways:
            self.ways[unit, said] = await self._way(unit, said)
        return self.ways[unit, said]

    async def asking(self, pipeline: PipelineRead) -> PipelineRead:
        """A field that the tenant has retired is asked of no deal."""
        return pipeline.asking((await self.ctx.learn()).get("deal", NONE))

    async def _way(self, unit: UUID, said: UUID | None) -> PipelineRead:
        held = await (self.hold_in_use(said) if said else self.pipelines.held_default(unit))
        if held is None:
            raise NoPipeline
        if not await self.pipelines.is_for(held, unit):
            raise OtherUnit
        return held

    async def _made(self, sent: Sent, stages: rules.Stages, reasons: rules.Stages) -> Sent:
        """What was sent as columns have it. Raises UnfitStages."""
        made = dict(sent)
        if "stages" in sent:
            plain = _plain(sent["stages"])
            rules.check_fields(plain, (await self.ctx.learn()).get("deal", NONE))
            made["stages"] = rules.staged(plain, stages, self.ctx.new_id)
        if "loss_reasons" in sent:
            made["loss_reasons"] = rules.reasons(_plain(sent["loss_reasons"]), reasons)
        return made


def _sent(data: PipelineCreate | PipelineUpdate) -> Sent:
    return {name: getattr(data, name) for name in data.changes()}


def _plain(sent: Sequence[StageInput] | Sequence[ReasonInput]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in sent]
