"""The journal's months: some are made ahead, the oldest are dropped when they are old enough."""

import structlog

from crm_api.kit.context import House

AHEAD = 3
ADD, DROP = "SELECT add_journal_months($1)", "SELECT drop_journal_month($1)"
log = structlog.get_logger("crm_api.worker")


class Months:
    """The database drops nothing that is younger than 180 days, whatever it is told."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def turn(self) -> int:
        """How many months were made or dropped; at most one is dropped."""
        async with self.house.pool.line() as line:
            added: int = await line.driver.fetchval(ADD, AHEAD)
            dropped: str | None = await line.driver.fetchval(DROP, self.house.audit_days)
        if added or dropped:
            log.info("months of the journal", added=added, dropped=dropped)
        return added + bool(dropped)
