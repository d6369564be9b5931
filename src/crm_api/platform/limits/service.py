from crm_api.kit import batch, guard, query, tenancy
from crm_api.kit.context import Context

from .schemas import Limits, Policy, RequestLimits


class LimitsService:
    """What a caller must keep to, and what he has left."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def get(self) -> Limits:
        standings = self.ctx.house.throttle.standings(self.ctx.actor)
        policies = [
            Policy(
                name=of.policy,
                quota=of.quota,
                window_seconds=of.window,
                remaining=of.remaining,
                reset_seconds=of.reset,
            )
            for of in standings
        ]
        return Limits(object="limits", policies=policies, request=self._of_requests())

    def _of_requests(self) -> RequestLimits:
        return RequestLimits(
            body_bytes=guard.MAX_BODY,
            body_seconds=int(guard.BODY_SECONDS),
            header_bytes=guard.MAX_HEADERS,
            header_count=guard.MAX_HEADER_COUNT,
            address_bytes=guard.MAX_URI,
            page_items=query.MOST,
            batch_items=batch.MOST_ITEMS,
            batch_ids=batch.MOST_IDS,
            bulk_ids=batch.MOST_CHANGED,
            import_bytes=guard.MAX_FILE,
            work_seconds=int(self.ctx.house.deadlines.seconds),
            statement_seconds=tenancy.STATEMENT_SECONDS,
            lock_seconds=tenancy.LOCK_SECONDS,
        )
