"""Forecasts, reckoned by PostgreSQL in one statement."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.features.pipeline.quotas.resource import QUOTA
from crm_api.kit.context import Context
from crm_api.kit.sight import bound, seen_by

from .queries import FILTERS, forecast


class ForecastRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.deals, self.quotas = (seen_by(ctx.actor, noun.model) for noun in (DEAL, QUOTA))

    async def forecast(
        self, by: tuple[str, ...], period: str, told: Mapping[str, Any]
    ) -> dict[str, Any]:
        """`rows`, one more than MOST where there are so many; `undated_deals`, `unconverted`."""
        used = tuple(name for name in FILTERS if name in told)
        await self.ctx.work.measure()
        statement = forecast(by, period, used, (self.deals, self.quotas))
        asked = {**told, **bound(self.deals, self.quotas)}
        found: dict[str, Any] = from_json(await self.ctx.work.fetch(statement, asked))
        return found
