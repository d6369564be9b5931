"""Funnels, counted by PostgreSQL from the stays of deals, in one statement."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.kit.context import Context
from crm_api.kit.sight import bound, seen_by

from .queries import FILTERS, funnel


class FunnelRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx, self.seen = ctx, seen_by(ctx.actor, DEAL.model)

    async def stages(
        self, by: tuple[str, ...], period: str, told: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Rows of `FunnelStage`, of the stages of a pipeline to which deals came, or which they
        left; one more than MOST, where there are so many."""
        used = tuple(name for name in FILTERS if name in told)
        await self.ctx.work.measure()
        statement = funnel(by, period, used, self.seen)
        found = await self.ctx.work.fetch(statement, {**told, **bound(self.seen)})
        rows: list[dict[str, Any]] = from_json(found or "[]")
        return rows
