from datetime import datetime

from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import crew_of

from .repository import TIMER
from .service import AccessRequestService


def crew(house: House) -> Crew:
    return crew_of(house, TIMER, expire)


async def expire(ctx: Context, lease: Lease) -> datetime | None:
    """The request whose id is the timer's."""
    return await AccessRequestService(ctx).expire(lease.id)
