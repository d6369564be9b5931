"""The process that works after requests: it takes what is due until it is told to stop."""

import asyncio
import signal

import structlog

from crm_api.kit.clock import SystemClock
from crm_api.kit.failures import as_problem
from crm_api.kit.logs import configure_logs
from crm_api.main import open_house
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.settings import Settings

PAUSE = 0.2
log = structlog.get_logger("crm_api.worker")


def run(settings: Settings, *, once: bool = False) -> None:
    configure_logs(settings.log_level)
    asyncio.run(_work(settings, once))


async def _work(settings: Settings, once: bool) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    house = await open_house(settings.model_copy(update={"database_pool_size": 2}), SystemClock())
    sequencer = Sequencer(house.pool)
    log.info("working")
    while not stop.is_set():
        idle = await _turn(sequencer) == 0
        if idle and once:
            break
        if idle:
            await _pause(stop)
    await house.pool.close()


async def _turn(sequencer: Sequencer) -> int:
    """What cannot be done while the database is away is done when it is back."""
    try:
        return await sequencer.number_all()
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
