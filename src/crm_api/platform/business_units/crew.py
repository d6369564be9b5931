"""Who moves units on the day that a move is planned for."""

from datetime import datetime

from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import Due

from .repository import TIMER, BusinessUnitRepository
from .rules import midnight, today

SECONDS, ABREAST, PLACES = 10.0, 1, 2


def crew(house: House) -> Crew:
    return Crew(Leases(house.pool, TIMER, SECONDS, ABREAST), Due(house, move), PLACES)


async def move(ctx: Context, lease: Lease) -> datetime | None:
    """All moves of a tenant that are due: together, as the tree of that day was checked."""
    units, zone = BusinessUnitRepository(ctx), ctx.tenant.time_zone
    await units.lock()
    next = await units.catch_up(today(ctx.now, zone))
    return midnight(next, zone) if next else None
