from datetime import datetime
from functools import partial
from uuid import UUID

from crm_api.features.pipeline.deals.events import (
    DealBecameStale,
    DealLost,
    DealMoved,
    DealReopened,
    DealWon,
)
from crm_api.features.pipeline.deals.service import Changed, Columns, DealService, Decided, Sent
from crm_api.features.pipeline.parts.service import PartService
from crm_api.features.pipeline.pipelines.schemas import PipelineRead, StageKind, StageRead
from crm_api.features.pipeline.pipelines.service import PipelineService
from crm_api.features.pipeline.stays.schemas import StayQuery
from crm_api.features.pipeline.stays.service import StayService
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing

from . import rules
from .errors import ClosedDeal, OpenDeal
from .schemas import (
    DealLoss,
    DealMove,
    DealReopening,
    DealTransitions,
    DealWin,
    PossibleMove,
)


class MoveService:
    """How deals go their way, stage by stage, and how they end."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.deals = DealService(ctx)
        self.stays = StayService(ctx)
        self.pipelines = PipelineService(ctx)

    async def history(self, id: UUID, query: StayQuery) -> Listing:
        await self.deals.get(id)
        return await self.stays.of(id, query)

    async def transitions(self, id: UUID) -> DealTransitions:
        deal = (await self.deals.get(id)).value
        found = (await self.pipelines.get(deal.pipeline_id)).value
        pipeline = await self.pipelines.asking(found)
        known = deal.model_dump() | await PartService(self.ctx).worth_today(deal.amount)
        moves = [self._possible(known, pipeline, to) for to in rules.targets(pipeline, known)]
        return DealTransitions(
            object="deal_transitions",
            deal_id=deal.id,
            version=deal.version,
            status=deal.status,
            stage=deal.stage,
            moves=moves,
        )

    async def move(self, id: UUID, data: DealMove) -> Changed:
        return await self.deals.place(id, partial(self._moved, data))

    async def win(self, id: UUID, data: DealWin) -> Changed:
        return await self.deals.place(id, partial(self._won, data))

    async def lose(self, id: UUID, data: DealLoss) -> Changed:
        return await self.deals.place(id, partial(self._lost, data))

    async def reopen(self, id: UUID, data: DealReopening) -> Changed:
        return await self.deals.place(id, partial(self._reopened, data))

    async def go_stale(self, id: UUID) -> datetime | None:
        """Says that a deal has been too long in its stage; when that will be, if it is not yet."""
        return await self.deals.watch(id, self._stale)

    def _possible(self, deal: Columns, pipeline: PipelineRead, to: StageRead) -> PossibleMove:
        in_the_way = list(rules.in_the_way(deal, pipeline, to))
        return PossibleMove.told(rules.verb(deal, to), to, in_the_way, self.ctx.language)

    async def _moved(self, data: DealMove, deal: Columns) -> Decided:
        pipeline = await self._way(deal, data.pipeline_id)
        to, there = pipeline.open_stage(data.stage), {"pipeline_id": pipeline.id}
        rules.check_reachable(deal, pipeline, to)
        return DealMoved, {**there, **await self.stays.go_on({**deal, **there}, pipeline, to)}

    async def _won(self, data: DealWin, deal: Columns) -> Decided:
        closed = await self._closed(deal, await self._way(deal), StageKind.won)
        return DealWon, {**closed, "closing_note": data.note}

    async def _lost(self, data: DealLoss, deal: Columns) -> Decided:
        pipeline = await self._way(deal)
        pipeline.check_reason(data.reason)
        closed = await self._closed(deal, pipeline, StageKind.lost)
        return DealLost, {**closed, "loss_reason": data.reason, "closing_note": data.note}

    async def _reopened(self, data: DealReopening, deal: Columns) -> Decided:
        if deal["status"] == StageKind.open:
            raise OpenDeal(deal["status"])
        pipeline = await self.pipelines.hold_in_use(deal["pipeline_id"])
        last = await self.stays.last_open(deal["id"])
        codes = [s.code for s in pipeline.open_stages().values() if s.id == last]
        to = pipeline.open_stage(data.stage or next(iter(codes), None))
        said = {"closed_at": None, "loss_reason": None, "closing_note": None}
        placed = await self.stays.go_on(deal, pipeline, to)
        return DealReopened, {**said, **placed, "reopening_reason": data.reason}

    async def _closed(self, deal: Columns, pipeline: PipelineRead, kind: StageKind) -> Sent:
        """What it is worth by the rate of today stays so."""
        worth = await PartService(self.ctx).in_base(deal["amount"], deal["currency"])
        deal, to = {**deal, **worth}, pipeline.ending(kind)
        rules.check_reachable(deal, pipeline, to)
        placed = await self.stays.go_on(deal, pipeline, to)
        return {**worth, **placed, "closed_at": self.ctx.now}

    async def _way(self, deal: Columns, other: UUID | None = None) -> PipelineRead:
        """The pipeline in which an open deal goes on. Raises ClosedDeal, ArchivedPipeline,
        OtherUnit."""
        if deal["status"] != StageKind.open:
            raise ClosedDeal(deal["status"])
        if other is None or other == deal["pipeline_id"]:
            held = await self.pipelines.hold_in_use(deal["pipeline_id"])
        else:
            held = await self.pipelines.hold_for(deal["business_unit_id"], other)
        return await self.pipelines.asking(held)

    async def _stale(self, deal: Columns) -> Decided | datetime | None:
        if deal["status"] != StageKind.open or deal["state"] != "live" or deal["stale_since"]:
            return None
        pipeline = await self.pipelines.hold(deal["pipeline_id"])
        due = self.stays.stale_at(deal, pipeline)
        if due is None or due > self.ctx.now:
            return due
        return DealBecameStale, {"stale_since": due}
