"""What became of deliveries, and so of their endpoints: many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.lanes import narrow, widen
from crm_api.kit.timers import Lease, real
from crm_api.platform.webhook_endpoints.condition import EndpointCondition
from crm_api.platform.webhook_endpoints.models import EndpointState
from crm_api.platform.webhook_endpoints.rules import Attempts, Health
from crm_api.platform.webhook_endpoints.sending import Outcome

from .loading import Due
from .models import DeliveryState
from .registry import DeliveryQueue
from .rules import INTERNAL, Ending, counted, ending, jitter

ABREAST = 4
POISON = 10
"""After so many claims in a row that came to no end, a delivery is given up."""
FAILED_HERE = Outcome(None, INTERNAL, 0)


@dataclass(frozen=True, slots=True)
class Ended:
    """`at` is a time of the tenant; without an outcome nothing was sent."""

    lease: Lease
    due: Due
    outcome: Outcome | None
    at: datetime


class Writing:
    """What became of some deliveries of a tenant, and so of their endpoints."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.queue = DeliveryQueue(ctx)
        self.condition = EndpointCondition(ctx)

    async def write(self, ended: Sequence[Ended]) -> set[UUID]:
        """Those whose lease was still ours."""
        changed = await self.condition.note(self._counted(ended))
        mine = await self.queue.end([self._row(one, changed) for one in ended])
        for id, health in changed.items():
            await self._settle(id, health)
        for id in sorted({one.due.endpoint_id for one in ended if one.due.is_astray}):
            await self._follow_up(id)
        return mine

    async def _settle(self, endpoint: UUID, health: Health) -> None:
        """One by one where it is degraded, and nothing before it is time."""
        degraded = health.state == EndpointState.degraded
        if degraded or health.not_before is not None:
            begin = health.not_before or self.ctx.now
            await narrow(self.ctx, endpoint, 1 if degraded else ABREAST, begin)
        else:
            await widen(self.ctx, endpoint)

    async def _follow_up(self, id: UUID) -> None:
        """Some of what is left over, where more waited for an endpoint than could be moved."""
        endpoint = await self.condition.of(id)
        if endpoint is None:
            await self.queue.cancel(id)
        elif endpoint.state == EndpointState.disabled:
            await self.queue.pause(id)
        else:
            await self.queue.bring_back(id)

    def _counted(self, ended: Sequence[Ended]) -> dict[UUID, Attempts]:
        """Of endpoints that fail, or have failed before: what goes well is not worth a lock."""
        told: dict[UUID, list[Outcome]] = {}
        for one in ended:
            if one.outcome is not None and one.outcome.trouble != INTERNAL:
                told.setdefault(one.due.endpoint_id, []).append(one.outcome)
        unwell = {one.due.endpoint_id for one in ended if one.due.is_unwell}
        return {
            id: counted(outcomes, self.ctx.now)
            for id, outcomes in told.items()
            if id in unwell or not all(outcome.succeeded for outcome in outcomes)
        }

    def _row(self, one: Ended, changed: Mapping[UUID, Health]) -> dict[str, Any]:
        health, due = changed.get(one.due.endpoint_id), one.due
        ending = self._ending(one)
        if health and health.state == EndpointState.disabled and ending.next_at is not None:
            ending = Ending(DeliveryState.paused)
        next_at = ending.next_at
        return {
            "id": one.lease.id,
            "fence": one.lease.fence,
            "state": ending.state,
            "next_at": next_at,
            "due_at": next_at and real(self.ctx, next_at),
            "body": due.again and due.again.body,
            "seen": due.again and due.again.seen,
            **_told(one),
        }

    def _ending(self, one: Ended) -> Ending:
        if one.due.settled is not None or one.outcome is None:
            return one.due.settled or Ending(DeliveryState.cancelled)
        if one.lease.attempts > POISON:
            return Ending(DeliveryState.dead)
        return ending(one.outcome, one.due.tries + 1, self.ctx.now, jitter)


def _told(one: Ended) -> dict[str, Any]:
    outcome = one.outcome
    if outcome is None:
        return {"tried": False}
    return {
        "tried": True,
        "at": one.at,
        "status": outcome.status,
        "latency": outcome.latency_ms,
        "error": outcome.trouble,
        "answer": outcome.said,
    }
