from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.pipeline.pipelines.schemas import PipelineRead, StageKind, StageRead
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing

from . import rules
from .errors import OpenDealsThere
from .repository import TIMER as TIMER
from .repository import StayRepository
from .rules import Columns
from .schemas import StayQuery, StaysOf


class StayService:
    """Where deals have been, from when to when: each open deal is in one stage, a closed in none.

    What is written here tells the columns of the deal that follow from it: `stay_id`, the open
    stay, and `stays`, how many there have been.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.stays = StayRepository(ctx)

    async def of(self, deal: UUID, query: StayQuery) -> Listing:
        return await self.stays.page(StaysOf(deal_id=deal, **query.model_dump()))

    def begin(self, deal: Columns, stage: StageRead) -> dict[str, Any]:
        """A new deal comes to its first stage."""
        if due := rules.stale_at(stage, self.ctx.now):
            self.stays.wait(deal["id"], due)
        return self._enter(deal, stage, 1)

    async def go_on(
        self, deal: Columns, pipeline: PipelineRead, stage: StageRead
    ) -> dict[str, Any]:
        """A deal leaves the stage where it is, if it is in one, and comes to another; the open ones
        between it skips."""
        first, skipped = deal["stays"] + 1, rules.skipped(pipeline, deal, stage)
        if deal["stay_id"]:
            await self.stays.leave(deal["stay_id"])
        for number, passed in enumerate(skipped, first):
            self.stays.enter(number, rules.stay(deal, passed, self.ctx.now, skipped=True))
        if due := rules.stale_at(stage, self.ctx.now):
            await self.stays.wait_again(deal["id"], due)
        return self._enter(deal, stage, first + len(skipped))

    def stale_at(self, deal: Columns, pipeline: PipelineRead) -> datetime | None:
        """From when on an open deal has been too long where it is; null for never."""
        here = next(stage for stage in pipeline.stages if stage.id == deal["stage_id"])
        return rules.stale_at(here, deal["stage_since"])

    async def last_open(self, deal: UUID) -> UUID | None:
        """The open stage where a deal was last, and not only passed."""
        return await self.stays.last_open(deal)

    async def follow(self, pipeline: UUID) -> None:
        """A pipeline has changed: open deals wait for its limits. Raises OpenDealsThere."""
        if stranded := await self.stays.stranded(pipeline):
            raise OpenDealsThere(stranded)
        await self.stays.wait_all(pipeline)

    async def come_back(self, deal: UUID) -> None:
        """An archived deal is in daily work again."""
        await self.stays.wait_anew(deal)

    def _enter(self, deal: Columns, stage: StageRead, number: int) -> dict[str, Any]:
        entered = self.stays.enter(number, rules.stay(deal, stage, self.ctx.now))
        stays = entered if stage.kind == StageKind.open else None
        return {**rules.placed(stage, self.ctx.now), "stay_id": stays, "stays": number}
