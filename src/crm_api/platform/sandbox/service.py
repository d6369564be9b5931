from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil

from crm_api.kit.context import Context
from crm_api.kit.timers import hurry
from crm_api.kit.words import say
from crm_api.platform.organization.service import TenantService

from .errors import NotAhead, RealTimeOnly
from .schemas import ClockAdvance, SandboxClock

END = datetime(2190, 1, 1, tzinfo=UTC)


class SandboxService:
    """The virtual clock of a sandbox: due dates and expiries can be lived through at once."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def clock(self) -> SandboxClock:
        return self._shown(self.ctx.tenant.clock_advanced_seconds)

    async def advance(self, data: ClockAdvance) -> SandboxClock:
        """Time only goes on; what waits for a time is due so much earlier."""
        if not self.ctx.tenant.sandbox:
            raise RealTimeOnly
        before, ahead = await TenantService(self.ctx).advance_clock(partial(self._ahead, data))
        await hurry(self.ctx, ahead - before)
        return self._shown(ahead)

    def _ahead(self, data: ClockAdvance, before: int) -> int:
        """How far the clock will be ahead of the real time, in whole seconds."""
        sent = data.changes()
        to: datetime = sent.get("to") or self._at(before) + timedelta(seconds=sent["seconds"])
        if to < self._at(before):
            raise NotAhead(
                "to", say("The sandbox has {time} already.", time=self._at(before).isoformat())
            )
        if to > END:
            raise NotAhead(next(iter(sent)), say("A sandbox ends before {year}.", year=END.year))
        return ceil((to - self._at(0)).total_seconds())

    def _at(self, ahead: int) -> datetime:
        return self.ctx.house.clock.now() + timedelta(seconds=ahead)

    def _shown(self, ahead: int) -> SandboxClock:
        return SandboxClock(object="sandbox_clock", now=self._at(ahead), advanced_seconds=ahead)
