from dataclasses import dataclass

from crm_api.kit import timers
from crm_api.kit.actor import OPERATOR, Actor
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.ids import uuid7
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease
from crm_api.kit.whole import whole
from crm_api.platform.organization.registry import TenantRegistry

from .service import LEAVE, OutboundService, Parcel

SECONDS, ABREAST, PLACES = 60.0, 4, 32


def crew(house: House) -> Crew:
    """Whoever takes answers to the mail servers and programs of channels."""
    return Crew(Leases(house.pool, LEAVE, SECONDS, ABREAST), Leaving(house), PLACES)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is sent is written down afterwards. Whoever is killed in between leaves it to be sent
    once more, with the same id."""

    house: House

    async def __call__(self, lease: Lease) -> None:
        parcel = await self._parcel(lease)
        trouble = await parcel.send() if parcel else None
        async with whole(await self._open(lease)) as ctx:
            service = OutboundService(ctx)
            next = await service.ended(lease.id, parcel, trouble) if parcel else None
            await (timers.again(ctx, lease, next) if next else timers.done(ctx, lease))

    async def _parcel(self, lease: Lease) -> Parcel | None:
        async with whole(await self._open(lease)) as ctx:
            return await OutboundService(ctx).parcel(lease)

    async def _open(self, lease: Lease) -> Context:
        tenant = await TenantRegistry(self.house).settled(lease.tenant_id)
        actor = Actor(OPERATOR, tenant, frozenset())
        return Context.open(self.house, actor, f"cmd_{uuid7().hex}")
