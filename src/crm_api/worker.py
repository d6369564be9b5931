"""The process that works after requests: it takes what is due until it is told to stop."""

import asyncio
import signal
import time

import structlog

from crm_api.kit.clock import SystemClock
from crm_api.kit.context import House
from crm_api.kit.failures import as_problem
from crm_api.kit.logs import configure_logs
from crm_api.main import open_house
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.upkeep.forgetting import Forgetting
from crm_api.settings import Settings

PAUSE, LOOK, FORGET = 0.2, 5.0, 3600.0
log = structlog.get_logger("crm_api.worker")


def run(settings: Settings, *, once: bool = False) -> None:
    configure_logs(settings.log_level)
    asyncio.run(_work(settings, once))


async def _work(settings: Settings, once: bool) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    house = await open_house(settings.model_copy(update={"database_pool_size": 2}), SystemClock())
    with house.metrics.served(settings.metrics_host, settings.metrics_port):
        log.info("working")
        await _go_on(Desk(house), stop, once)
    await house.pool.close()


class Desk:
    """What is worked on, and how far behind it is."""

    def __init__(self, house: House) -> None:
        self.sequencer, self.metrics = Sequencer(house.pool), house.metrics
        self.forgetting = Forgetting(house)
        self._look_again = self._forget_again = 0.0

    async def turn(self) -> int:
        """How much was done; now and then, how old the rest is, and what is too old to be kept."""
        now, forgotten = time.monotonic(), 0
        if now >= self._look_again:
            self.metrics.lag = await self.sequencer.lag()
            self._look_again = now + LOOK
        if now >= self._forget_again:
            forgotten = await self.forgetting.turn()
            self._forget_again = now if forgotten else now + FORGET
        return forgotten + await self.sequencer.number_all()


async def _go_on(desk: Desk, stop: asyncio.Event, once: bool) -> None:
    while not stop.is_set():
        idle = await _turn(desk) == 0
        if idle and once:
            break
        if idle:
            await _pause(stop)


async def _turn(desk: Desk) -> int:
    """What cannot be done while the database is away is done when it is back."""
    try:
        return await desk.turn()
    except Exception as error:
        if as_problem(error) is None:
            raise
        log.warning("database away", reason=type(error).__name__)
        return 0


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(PAUSE):
            await stop.wait()
    except TimeoutError:
        pass
