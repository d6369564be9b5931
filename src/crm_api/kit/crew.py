"""Who does what is due after requests: side by side, so that nothing slow holds up the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog

from .failures import as_problem
from .leases import Leases
from .timers import Lease, LeaseLost

PAUSE, GRACE = 0.2, 10.0
log = structlog.get_logger("crm_api.worker")


class Duty(Protocol):
    """Something that is done again and again."""

    async def turn(self) -> int:
        """Do some of it; how much was done, or is being done."""
        ...

    async def leave(self) -> None:
        """End what is being done, or give it back."""
        ...


class Crew:
    """Works on leases, `places` at the same time, and keeps each for as long as its work takes."""

    def __init__(
        self, leases: Leases, work: Callable[[Lease], Awaitable[None]], places: int
    ) -> None:
        self.leases, self.work, self.places = leases, work, places
        self.running: set[asyncio.Task[None]] = set()

    async def turn(self) -> int:
        """Begin what is due, as far as there are places; how much was being done then, also of what
        has ended while we waited: it may have made room for more."""
        free = self.places - len(self.running)
        claimed = await self.leases.claim(free) if free else []
        for lease in claimed:
            self.running.add(task := asyncio.create_task(self._do(lease)))
            task.add_done_callback(self.running.discard)
        busy = len(self.running)
        if busy and not claimed:
            await asyncio.wait(self.running, timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED)
        return busy

    async def leave(self) -> None:
        """What does not end in good time is given back."""
        if self.running:
            _, slow = await asyncio.wait(self.running, timeout=GRACE)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    async def _do(self, lease: Lease) -> None:
        """The lease of what fails ends by itself, and then it is due again."""
        work = asyncio.ensure_future(self.work(lease))
        keeping = asyncio.create_task(self._keep(lease, work))
        try:
            await work
        except LeaseLost:
            log.info("lease lost", kind=self.leases.kind, id=str(lease.id))
        except asyncio.CancelledError:
            await self.leases.release(lease)
            raise
        except Exception as error:
            log.warning("work failed", kind=self.leases.kind, id=str(lease.id), exc_info=error)
        finally:
            keeping.cancel()

    async def _keep(self, lease: Lease, work: "asyncio.Future[None]") -> None:
        while await self._slept() and await self.leases.extend(lease):
            pass
        work.cancel()

    async def _slept(self) -> bool:
        await asyncio.sleep(self.leases.seconds / 3)
        return True


async def go_on(duties: Sequence[Duty], stop: asyncio.Event) -> None:
    """Every duty in turns of its own, until it is time to stop."""
    async with asyncio.TaskGroup() as group:
        for duty in duties:
            group.create_task(_repeat(duty, stop))


async def do_once(duties: Sequence[Duty], stop: asyncio.Event) -> None:
    """What is due, and what follows from it, until nothing is left."""
    while not stop.is_set() and any([await _turn(duty) > 0 for duty in duties]):
        pass
    for duty in duties:
        await duty.leave()


async def _repeat(duty: Duty, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if not await _turn(duty):
            await _pause(stop)
    await duty.leave()


async def _turn(duty: Duty) -> int:
    """What cannot be done while the database is away is done when it is back."""
    try:
        return await duty.turn()
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
