"""Sends what is due, and writes down what became of it: many deliveries in few statements."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.kit.context import House
from crm_api.kit.crew import Crew
from crm_api.kit.gathering import Gathering
from crm_api.kit.journal import EVENT
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease, LeaseLost
from crm_api.kit.whole import whole
from crm_api.platform.webhook_endpoints.sending import Message, Outcome, send

from .loading import Due, Loading
from .statements import SEND
from .viewing import system
from .writing import ABREAST, FAILED_HERE, POISON, Ended, Writing

SECONDS, LEASE_SECONDS = 15.0, 30.0
PLACES = 256


def crew(house: House) -> Crew:
    """As many places as all endpoints of a tenant can take."""
    return Crew(Leases(house.pool, SEND, LEASE_SECONDS, ABREAST), Delivering(house), PLACES)


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
