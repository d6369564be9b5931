"""Who moves units on the day that a move is planned for."""

from uuid import UUID

from crm_api.kit import timers
from crm_api.kit.actor import OPERATOR, Actor
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.ids import uuid7
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease
from crm_api.kit.whole import whole
from crm_api.platform.organization.registry import TenantRegistry

from .repository import TIMER, BusinessUnitRepository
from .rules import midnight, today

SECONDS, ABREAST, PLACES = 10.0, 1, 2


def crew(house: House) -> Crew:
    return Crew(Leases(house.pool, TIMER, SECONDS, ABREAST), Moving(house), PLACES)


class Moving:
    """All moves of a tenant that are due: together, as the tree of that day was checked."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def __call__(self, lease: Lease) -> None:
        async with whole(await self._open(lease.tenant_id)) as ctx:
            units, zone = BusinessUnitRepository(ctx), ctx.tenant.time_zone
            await units.lock()
            next = await units.catch_up(today(ctx.now, zone))
            if next is None:
                await timers.done(ctx, lease)
            else:
                await timers.again(ctx, lease, midnight(next, zone))

    async def _open(self, tenant_id: UUID) -> Context:
        """Who planned a move stands in the history of its plan; the server does it."""
        tenant = await TenantRegistry(self.house).settled(tenant_id)
        actor = Actor(OPERATOR, tenant, frozenset())
        return Context.open(self.house, actor, f"cmd_{uuid7().hex}")
