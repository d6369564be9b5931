from datetime import datetime

from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import Due

from .repository import TIMER
from .service import TaskService

SECONDS, ABREAST, PLACES = 10.0, 4, 4


def crew(house: House) -> Crew:
    return Crew(Leases(house.pool, TIMER, SECONDS, ABREAST), Due(house, come), PLACES)


async def come(ctx: Context, lease: Lease) -> datetime | None:
    """What happens by itself to the task whose id is the timer's."""
    return await TaskService(ctx).come(lease.id)
