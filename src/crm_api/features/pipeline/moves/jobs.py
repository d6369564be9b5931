from datetime import datetime

from crm_api.features.pipeline.stays.service import TIMER
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import crew_of

from .service import MoveService


def crew(house: House) -> Crew:
    return crew_of(house, TIMER, look)


async def look(ctx: Context, lease: Lease) -> datetime | None:
    """Whether the deal whose id is the timer's has been too long in its stage."""
    return await MoveService(ctx).go_stale(lease.id)
