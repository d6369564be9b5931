from datetime import datetime

from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import crew_of

from .repository import TIMER
from .service import AccessGrantService


def crew(house: House) -> Crew:
    return crew_of(house, TIMER, expire)


async def expire(ctx: Context, lease: Lease) -> datetime | None:
    """The grant whose id is the timer's."""
    return await AccessGrantService(ctx).expire(lease.id)
