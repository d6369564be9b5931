"""Satisfaction, reckoned by PostgreSQL from ratings, in one statement."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from crm_api.features.desk.ratings.resource import RATING
from crm_api.kit.context import Context
from crm_api.kit.sight import bound, seen_by

from .queries import FILTERS, satisfaction


class SatisfactionRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx, self.seen = ctx, seen_by(ctx.actor, RATING.model)

    async def groups(
        self, by: tuple[str, ...], period: str, told: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Rows of `SatisfactionGroup`; one more than MOST, where there are so many."""
        used = tuple(name for name in FILTERS if name in told)
        await self.ctx.work.measure()
        statement = satisfaction(by, period, used, self.seen)
        found = await self.ctx.work.fetch(statement, {**told, **bound(self.seen)})
        rows: list[dict[str, Any]] = from_json(found or "[]")
        return rows
