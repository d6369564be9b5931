from datetime import datetime

from crm_api.features.desk.consequences.service import TIMER
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import crew_of

from .service import HandlingService


def crew(house: House) -> Crew:
    return crew_of(house, TIMER, come)


async def come(ctx: Context, lease: Lease) -> datetime | None:
    """What happens by itself to the ticket whose id is the timer's."""
    return await HandlingService(ctx).come(lease.id)
