"""Sends what is due, and writes down what became of it: many deliveries in few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.gathering import Gathering
from crm_api.kit.journal import EVENT
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease, LeaseLost, real
from crm_api.kit.whole import whole
from crm_api.platform.webhook_endpoints.condition import EndpointCondition
from crm_api.platform.webhook_endpoints.models import EndpointState
from crm_api.platform.webhook_endpoints.rules import Attempts, Health
from crm_api.platform.webhook_endpoints.sending import Message, Outcome, send

from .loading import Due, Loading
from .models import DeliveryState
from .registry import DeliveryQueue, kind
from .rules import INTERNAL, Ending, counted, ending, jitter
from .statements import PROBE, SEND
from .viewing import system

SECONDS, LEASE_SECONDS = 15.0, 30.0
PLACES, ABREAST, PROBES = 256, 4, 64
POISON = 10
"""After so many claims in a row that came to no end, a delivery is given up."""
FAILED_HERE = Outcome(None, INTERNAL, 0)


def crews(house: House) -> tuple[Crew, Crew]:
    """Endpoints that are degraded have places of their own, and are tried one by one."""
    work = Delivering(house)
    return (
        Crew(Leases(house.pool, SEND, LEASE_SECONDS, ABREAST), work, PLACES),
        Crew(Leases(house.pool, PROBE, LEASE_SECONDS, 1), work, PROBES),
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """`at` is a time of the tenant; without an outcome nothing was sent."""

    lease: Lease
    due: Due
    outcome: Outcome | None
    at: datetime


class Delivering:
    def __init__(self, house: House) -> None:
        self.house = house
        self.loading = Loading(house)
        self.loads: Gathering[UUID, UUID, Due] = Gathering(self.loading.load)
        self.ends: Gathering[UUID, Ended, bool] = Gathering(self._end)

    async def __call__(self, lease: Lease) -> None:
        due = await self.loads.ask(lease.tenant_id, lease.id)
        at = due.tenant.now(self.house.clock)
        ended = Ended(lease, due, await self._sent(lease, due), at)
        if not await self.ends.ask(lease.tenant_id, ended):
            raise LeaseLost

    async def _sent(self, lease: Lease, due: Due) -> Outcome | None:
        if due.settled is not None:
            return None
        if due.receiver is None or lease.attempts > POISON:
            return FAILED_HERE
        message = Message(EVENT.write(due.event_id), self.house.clock.now(), due.body)
        return await send(self.house.outbound, due.receiver, message, SECONDS)

    async def _end(self, tenant_id: UUID, ended: Sequence[Ended]) -> Sequence[bool]:
        async with whole(system(self.house, ended[-1].due.tenant)) as ctx:
            mine = await Writing(ctx).write(ended)
        return [one.lease.id in mine for one in ended]


class Writing:
    """What became of some deliveries of a tenant, and so of their endpoints."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.queue = DeliveryQueue(ctx)

    async def write(self, ended: Sequence[Ended]) -> set[UUID]:
        """Those whose lease was still ours."""
        changed = await EndpointCondition(self.ctx).note(self._counted(ended))
        mine = await self.queue.end([self._row(one, changed) for one in ended])
        for id, health in changed.items():
            if health.state != EndpointState.disabled:
                degraded = health.state == EndpointState.degraded
                await self.queue.settle(id, degraded=degraded, not_before=health.not_before)
        return mine

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
        degraded = health.state == EndpointState.degraded if health else due.is_degraded
        next_at = ending.next_at
        return {
            "id": one.lease.id,
            "fence": one.lease.fence,
            "state": ending.state,
            "next_at": next_at,
            "kind": kind(degraded=degraded),
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
