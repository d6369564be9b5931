"""What tenants wait for: done when its time has come, by the server, in one unit of work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_api.kit import timers
from crm_api.kit.actor import OPERATOR, Actor
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.ids import uuid7
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease
from crm_api.kit.whole import whole

from .registry import TenantRegistry

SECONDS, ABREAST, PLACES = 10.0, 4, 4
Do = Callable[[Context, Lease], Awaitable[datetime | None]]


@dataclass(frozen=True, slots=True)
class Due:
    """Work of timers. `do` answers when there is more to do, null for never."""

    house: House
    do: Do

    async def __call__(self, lease: Lease) -> None:
        async with whole(await self._open(lease.tenant_id)) as ctx:
            next = await self.do(ctx, lease)
            await (timers.again(ctx, lease, next) if next else timers.done(ctx, lease))

    async def _open(self, tenant_id: UUID) -> Context:
        """Who set the timer stands in the history of the record; the server does the rest."""
        tenant = await TenantRegistry(self.house).settled(tenant_id)
        actor = Actor(OPERATOR, tenant, frozenset())
        return Context.open(self.house, actor, f"cmd_{uuid7().hex}")


def crew_of(house: House, kind: str, do: Do) -> Crew:
    """Whoever does the work of a feature's timers, as their times come."""
    return Crew(Leases(house.pool, kind, SECONDS, ABREAST), Due(house, do), PLACES)
