from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.customers.criteria import CUSTOMERS
from crm_api.features.customers.queries import CustomerSearch
from crm_api.features.customers.schemas import CustomerRead
from crm_api.features.sheets.service import SheetService
from crm_api.kit.asking import asker
from crm_api.kit.context import Context
from crm_api.kit.matching import Node
from crm_api.kit.projection import Written
from crm_api.kit.walking import BEGINNING, Stretch, Walker
from crm_api.platform.custom_fields.criteria import with_custom
from crm_api.platform.jobs.run import Run
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.jobs.service import JobService

from .schemas import ExportCreate

FILES = {
    "ndjson": ("application/x-ndjson", "customers.ndjson"),
    "csv": ("text/csv; charset=utf-8", "customers.csv"),
}
NEEDS = ("customers:read", "customers:export")


class ExportService:
    """Records as a file, with what whoever asks may see of them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.customers = Walker(ctx, CustomerRead)
        self.sheets = SheetService(ctx)

    async def start(self, data: ExportCreate) -> Written[JobRead]:
        """Raises Invalid, Forbidden."""
        await self._meant(data, self.ctx.now)
        if isinstance(data.columns, list):
            await self.sheets.check(data.columns)
        asked = {
            "data": data.model_dump(mode="json", exclude_unset=True),
            "now": self.ctx.now.isoformat(),
        }
        jobs, file = JobService(self.ctx), FILES[data.format]
        return await jobs.start("customers.export", asked, NEEDS, file)

    async def go_on(self, run: Run) -> None:
        """One stretch of records more; `left` in the checkpoint says whether there are others."""
        data = ExportCreate.model_validate(run.asked["data"])
        reached = run.checkpoint or await self._begin(run, data)
        found = await self._stretch(run, data, UUID(reached["after"]))
        lines = found.lines
        if data.format == "csv":
            lines = await self.sheets.lines(reached["columns"], found.lines)
        run.write(lines)
        run.figures["records"] += found.found
        looked_at = reached["looked_at"] + found.looked_at
        run.percent = 100 * looked_at // max(reached["rows"], looked_at, 1)
        told = {"after": str(found.last), "looked_at": looked_at, "left": found.last is not None}
        run.checkpoint = {**reached, **told}

    async def _begin(self, run: Run, data: ExportCreate) -> dict[str, Any]:
        """What is the same for all stretches."""
        columns: list[str] = []
        if data.format == "csv":
            named = data.columns
            columns = named if isinstance(named, list) else await self.sheets.columns()
            run.write(self.sheets.header(columns, marked=data.byte_order_mark))
        rows = await self.customers.how_many()
        return {"after": str(BEGINNING), "columns": columns, "rows": rows, "looked_at": 0}

    async def _stretch(self, run: Run, data: ExportCreate, after: UUID) -> Stretch:
        meant = await self._meant(data, datetime.fromisoformat(run.asked["now"]))
        return await self.customers.stretch(CustomerSearch(state=data.state), meant, after)

    async def _meant(self, data: ExportCreate, now: datetime) -> dict[str, Node]:
        """What is told from now is told from when it was asked."""
        known = asker(self.ctx, await with_custom(self.ctx, CUSTOMERS))
        return replace(known, now=now).meant(filter=data.filter)
