"""The work that follows after requests: what is due is taken until it is time to stop."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from crm_api.api import jobs
from crm_api.features.desk.assigning.jobs import giving, taking_back
from crm_api.features.desk.handling.jobs import crew as watching_tickets
from crm_api.features.desk.outbound.jobs import crew as messengers
from crm_api.features.desk.ratings.jobs import crew as asking_customers
from crm_api.features.follow_ups.tasks.jobs import crew as reminding
from crm_api.features.pipeline.moves.jobs import crew as watching_deals
from crm_api.features.profiles.unit_profiles.jobs import crew as expirers
from crm_api.features.sharing.access_grants.jobs import crew as ending_grants
from crm_api.features.sharing.access_requests.jobs import crew as ending_requests
from crm_api.kit.clock import SystemClock
from crm_api.kit.context import House
from crm_api.kit.crew import Duty, do_once, go_on
from crm_api.kit.logs import configure_logs
from crm_api.kit.metrics import Metrics
from crm_api.kit.rota import Chore, Rota
from crm_api.main import open_house
from crm_api.platform.business_units.crew import crew as movers
from crm_api.platform.jobs.crew import crew
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.upkeep.forgetting import Forgetting
from crm_api.platform.upkeep.months import Months
from crm_api.platform.webhook_deliveries.delivering import crew as deliverers
from crm_api.platform.webhook_deliveries.following import Following
from crm_api.platform.webhook_deliveries.forgetting import ForgettingDeliveries
from crm_api.settings import Settings

LOOK, HOUR, CONNECTIONS = 5.0, 3600.0, 10
log = structlog.get_logger("crm_api.worker")


def run(settings: Settings, *, once: bool = False) -> None:
    configure_logs(settings.log_level)
    asyncio.run(_work(settings, once))


async def _work(settings: Settings, once: bool) -> None:
    stop, metrics = asyncio.Event(), Metrics()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with metrics.served(settings.metrics_host, settings.metrics_port):
        async with _manned(settings, metrics) as duties:
            log.info("working")
            await (do_once if once else go_on)(duties, stop)


@asynccontextmanager
async def working(settings: Settings, metrics: Metrics) -> AsyncIterator[None]:
    """A worker beside whatever else this process does, with connections of its own."""
    stop = asyncio.Event()
    async with _manned(settings, metrics) as duties:
        work = asyncio.create_task(go_on(duties, stop))
        try:
            yield
        finally:
            stop.set()
            await work


@asynccontextmanager
async def _manned(settings: Settings, metrics: Metrics) -> AsyncIterator[Sequence[Duty]]:
    few = settings.model_copy(update={"database_pool_size": CONNECTIONS})
    house = await open_house(few, SystemClock())
    try:
        yield duties(house, metrics)
    finally:
        await house.close()


def duties(house: House, metrics: Metrics) -> Sequence[Duty]:
    """All that is done after requests; each goes on whatever the others wait for."""
    return [
        Numbering(Sequencer(house.pool), metrics),
        Rota(house.pool, chores(house)),
        crew(house, jobs),
        movers(house),
        expirers(house),
        ending_grants(house),
        ending_requests(house),
        watching_deals(house),
        reminding(house),
        watching_tickets(house),
        messengers(house),
        asking_customers(house),
        giving(house),
        taking_back(house),
        Following(house),
        deliverers(house),
    ]


def chores(house: House) -> Sequence[Chore]:
    """What is too old to be kept is removed every hour, and months of the journal made ahead."""
    return [
        Chore("kept answers and results", HOUR, Forgetting(house).turn),
        Chore("months of the journal", HOUR, Months(house).turn),
        Chore("deliveries", HOUR, ForgettingDeliveries(house).turn),
    ]


class Numbering:
    """Numbers and chains the journal, and says how far behind it is."""

    def __init__(self, sequencer: Sequencer, metrics: Metrics) -> None:
        self.sequencer, self.metrics = sequencer, metrics
        self._look_again = 0.0

    async def turn(self) -> int:
        if time.monotonic() >= self._look_again:
            self.metrics.lag = await self.sequencer.lag()
            self._look_again = time.monotonic() + LOOK
        return await self.sequencer.number_all()

    async def leave(self) -> None:
        return None
