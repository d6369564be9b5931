"""Numbers the events of each tenant, after they are committed: 1, 2, 3, without a gap; and
chains them, so that whoever changes or removes one later is found.

Inside the business transaction, both would make all writers of a tenant wait for one another.
What counts is the row that has no number yet, never a position reached, so no event is passed by.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record, SerializationError, UniqueViolationError

from crm_api.kit.errors import Unavailable
from crm_api.kit.pool import Pool
from crm_api.kit.words import say

from .rules import BEGINNING, NAMED_FACTS, Place, chained
from .statements import CHAIN, DUE, HEAD, KEEP, LAST, SALT

ALONE = f"""
SELECT set_config('app.tenant', $1::text, true) IS NOT NULL
AND set_config('app.named_facts', '{",".join(NAMED_FACTS)}', true) IS NOT NULL
AND pg_try_advisory_xact_lock(hashtextextended('sequence ' || $1::text, 0))"""
NEWEST = """
SELECT id FROM events WHERE tenant_id = $1 AND sequence IS NOT NULL
ORDER BY sequence DESC LIMIT 1"""
# Its snapshot is older than its lock by a moment: whoever numbers in between is found out.
OVERTAKEN = (SerializationError, UniqueViolationError)
BATCH, TRIES, PAUSE = 1000, 100, 0.02
Look = Callable[[str], Awaitable[None]]
Driver = Connection  # generic in the stubs only
TENANTS = "SELECT tenant_id FROM tenants"
AGE = """
SELECT CASE WHEN set_config('app.tenant', $1, true) IS NOT NULL THEN (
  SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 FROM events
  WHERE tenant_id = $1::uuid AND sequence IS NULL ORDER BY id LIMIT 1
) END"""


class Sequencer:
    """`checkpoint_events` and `checkpoint_seconds`: after how many a checkpoint is due."""

    def __init__(
        self, pool: Pool, checkpoint_events: int = 1000, checkpoint_seconds: float = 60
    ) -> None:
        self.pool = pool
        self.checkpoint_events, self.checkpoint_seconds = checkpoint_events, checkpoint_seconds

    async def number_all(self) -> int:
        """One batch of each tenant; how many events were numbered and chained."""
        return sum([await self._number(tenant) for tenant in await self._tenants()])

    async def _tenants(self) -> list[UUID]:
        async with self.pool.line() as line:
            return [row["tenant_id"] for row in await line.driver.fetch(TENANTS)]

    async def _number(self, tenant: UUID) -> int:
        async with self.pool.line() as line, line.driver.transaction():
            if not await line.driver.fetchval(ALONE, str(tenant)):
                return 0
            return await self._batch(line.driver, tenant)

    async def _batch(self, driver: "Driver[Any]", tenant: UUID) -> int:
        found = await driver.fetchrow(LAST, tenant, self.checkpoint_seconds)
        assert found is not None
        last = _last(found)
        events = await _due(driver, tenant, last)
        places = list(chained(last, tenant, events))
        if places:
            await driver.execute(CHAIN, tenant, *_columns(events, places))
            await driver.execute(HEAD, tenant, places[-1].sequence)
        await self._keep(driver, tenant, found, [last, *places][-1])
        return len(places)

    async def pause(self, tenant: UUID, look: Look) -> UUID | None:
        """A moment between two events: all that `look` sees in the database has happened up to
        the event that is answered, and nothing of what follows it.

        `look` is given the name of the snapshot, which it has to open before it returns. Raises
        Unavailable where others number events all the time.
        """
        while await self._number(tenant) >= BATCH:
            pass
        for _ in range(TRIES):
            with suppress(*OVERTAKEN):
                async with (
                    self.pool.line() as line,
                    line.driver.transaction(isolation="repeatable_read"),
                ):
                    if await line.driver.fetchval(ALONE, str(tenant)):
                        return await self._look(line.driver, tenant, look)
            await asyncio.sleep(PAUSE)
        raise Unavailable(say("The record is busy: repeat the request in a moment."))

    async def _look(self, driver: "Driver[Any]", tenant: UUID, look: Look) -> UUID | None:
        while await self._batch(driver, tenant):
            pass
        last: UUID | None = await driver.fetchval(NEWEST, tenant)
        await look(await driver.fetchval("SELECT pg_export_snapshot()"))
        return last

    async def lag(self) -> float:
        """Seconds since the oldest event that has no number; 0 where there is none."""
        tenants = await self._tenants()
        async with self.pool.line() as line:
            ages = [await line.driver.fetchval(AGE, str(tenant)) for tenant in tenants]
        return max((age for age in ages if age is not None), default=0.0)

    async def _keep(
        self, driver: "Driver[Any]", tenant: UUID, found: Record, newest: Place
    ) -> None:
        """A checkpoint, where enough has happened since the one before."""
        since = newest.sequence - (found["kept"] or 0)
        if since >= self.checkpoint_events or (since and found["is_old"]):
            await driver.execute(KEEP, tenant, newest.sequence, newest.hash)


def _last(found: Record) -> Place:
    """What has been cut off behind it does not make a checkpoint untrue: go on from there."""
    if found["sequence"] is not None and found["sequence"] >= (found["kept"] or 0):
        return Place(found["sequence"], found["hash"])
    return Place(found["kept"], found["kept_hash"]) if found["kept"] else BEGINNING


async def _due(driver: "Driver[Any]", tenant: UUID, last: Place) -> list[Record]:
    """The events to chain next; values of releases that had no salt are given one."""
    events = await driver.fetch(DUE, tenant, last.sequence, BATCH)
    if unsalted := [event["id"] for event in events if event["is_unsalted"]]:
        await driver.execute(SALT, tenant, unsalted)
        events = await driver.fetch(DUE, tenant, last.sequence, BATCH)
    return list(events)


def _columns(events: list[Record], places: list[Place]) -> tuple[list[Any], ...]:
    return (
        [event["id"] for event in events],
        [place.sequence for place in places],
        [place.hash for place in places],
        [event["digest"] for event in events],
    )
