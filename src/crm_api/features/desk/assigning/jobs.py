from datetime import datetime

from crm_api.features.desk.queues.service import TIMER
from crm_api.kit.context import Context, House
from crm_api.kit.crew import Crew
from crm_api.kit.timers import Lease
from crm_api.platform.organization.due import crew_of

from .service import LEAVERS, AssigningService


def giving(house: House) -> Crew:
    return crew_of(house, TIMER, give)


def taking_back(house: House) -> Crew:
    return crew_of(house, LEAVERS, take_back)


async def give(ctx: Context, lease: Lease) -> datetime | None:
    """What waits in the queue whose id is the timer's."""
    return await AssigningService(ctx).give(lease.id)


async def take_back(ctx: Context, lease: Lease) -> datetime | None:
    """What the user has left whose id is the timer's."""
    return await AssigningService(ctx).leave(lease.id)
