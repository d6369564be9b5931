from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text

from crm_api.kit import timers
from crm_api.kit.db import table_of
from crm_api.kit.reader import Reader
from crm_api.kit.statement import TENANT, quoted

from .models import StageStay
from .schemas import StageStayRead

STAYS = table_of(StageStay)
TIMER = "deals"
LAST_OPEN = (
    select(STAYS.c.stage_id)
    .where(
        STAYS.c.tenant_id == TENANT,
        STAYS.c.deal_id == bindparam("deal", type_=Uuid()),
        STAYS.c.kind == quoted("open"),
        STAYS.c.skipped.is_(False),
    )
    .order_by(STAYS.c.number.desc())
    .limit(1)
)
STRANDED = text(
    "SELECT count(*) AS deals FROM deals d "
    "JOIN pipelines p ON p.tenant_id = d.tenant_id AND p.id = d.pipeline_id "
    "JOIN stages s ON s.tenant_id = d.tenant_id AND s.id = d.stage_id "
    "WHERE d.tenant_id = :tenant AND d.pipeline_id = :pipeline AND d.status = 'open' "
    "AND (s.retired OR p.state = 'archived')"
)
WAIT = (
    "INSERT INTO timers AS known (tenant_id, id, kind, lane, due_at) "
    "SELECT d.tenant_id, d.id, CAST(:kind AS text), d.tenant_id, "
    "d.stage_since + make_interval(days => s.max_days, secs => -CAST(:ahead AS float)) "
    "FROM deals d JOIN stages s ON s.tenant_id = d.tenant_id AND s.id = d.stage_id "
    "WHERE d.tenant_id = :tenant AND {which} AND d.status = 'open' AND d.state = 'live' "
    "AND d.stale_since IS NULL AND s.max_days IS NOT NULL "
    "ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = excluded.due_at "
    "WHERE excluded.due_at < known.due_at AND NOT known.held RETURNING id"
)
WAIT_ALL = text(WAIT.format(which="d.pipeline_id = :pipeline"))
WAIT_ANEW = text(WAIT.format(which="d.id = :deal"))


class StayRepository(Reader[StageStayRead]):
    """Where deals have been; what is written here never changes, but that a stay ends."""

    read = StageStayRead

    def enter(self, number: int, stay: Mapping[str, Any]) -> UUID:
        id = self.ctx.new_id()
        whole = {"id": id, "number": number, "user_id": self.ctx.actor.user_id, **stay}
        self.ctx.work.stage("insert", STAYS, whole)
        return id

    async def leave(self, id: UUID) -> None:
        """Written before the next one begins: a deal has one open stay in every statement."""
        self.ctx.work.stage("update", STAYS, {"id": id, "left_at": self.ctx.now})
        await self.ctx.work.flush()

    def wait(self, deal: UUID, stale_at: datetime) -> None:
        """A timer of a new deal."""
        timers.schedule(self.ctx, TIMER, deal, self.ctx.tenant.id, stale_at)

    async def wait_again(self, deal: UUID, stale_at: datetime) -> None:
        await timers.hasten(self.ctx, TIMER, deal, self.ctx.tenant.id, stale_at)

    async def last_open(self, deal: UUID) -> UUID | None:
        found = await self.ctx.work.rows(LAST_OPEN, {"deal": deal})
        return found[0].stage_id if found else None

    async def stranded(self, pipeline: UUID) -> int:
        """How many open deals are in a stage or pipeline that is out of use."""
        return int((await self.ctx.work.rows(STRANDED, {"pipeline": pipeline}))[0].deals)

    async def wait_all(self, pipeline: UUID) -> None:
        """Open deals become stale by the limits that their stages have now."""
        await self.ctx.work.rows(WAIT_ALL, {"pipeline": pipeline, **self._told()})

    async def wait_anew(self, deal: UUID) -> None:
        """A deal that is in daily work again, if it is open."""
        await self.ctx.work.rows(WAIT_ANEW, {"deal": deal, **self._told()})

    def _told(self) -> dict[str, Any]:
        return {"kind": TIMER, "ahead": self.ctx.tenant.clock_advanced_seconds}
