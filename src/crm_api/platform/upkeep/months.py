"""The journal's months: some are made ahead, the oldest are dropped when they are old enough."""

from typing import Any

import structlog
from asyncpg import LockNotAvailableError

from crm_api.kit.context import House

AHEAD, SECONDS = 3, 300
PATIENT = f"SET LOCAL statement_timeout = '{SECONDS}s'"
ADD, DROP = "SELECT add_journal_months($1)", "SELECT drop_journal_month($1)"
log = structlog.get_logger("crm_api.worker")


class Months:
    """The database drops nothing that is younger than 180 days, whatever it is told."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def turn(self) -> int:
        """How many months were made or dropped; at most one is dropped. None while somebody reads
        the journal for long, such as a backup: another time will do."""
        try:
            added: int = await self._call(ADD, AHEAD)
            dropped: str | None = await self._call(DROP, self.house.audit_days)
        except LockNotAvailableError:
            log.info("months of the journal wait, because it is being read")
            return 0
        if added or dropped:
            log.info("months of the journal", added=added, dropped=dropped)
        return added + bool(dropped)

    async def _call(self, function: str, number: int) -> Any:
        """With many tenants, to say what was cut takes longer than a request may."""
        async with self.house.pool.line() as line, line.driver.transaction():
            await line.driver.execute(PATIENT)
            return await line.driver.fetchval(function, number, timeout=SECONDS)
