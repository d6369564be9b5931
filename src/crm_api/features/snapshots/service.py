from uuid import UUID

from crm_api.features.customers.queries import CustomerSearch
from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.context import Context
from crm_api.kit.projection import Written
from crm_api.kit.walking import BEGINNING, Walker
from crm_api.platform.jobs.run import Run
from crm_api.platform.jobs.schemas import JobRead
from crm_api.platform.jobs.service import JobService
from crm_api.platform.journal.moments import stand_still

from .schemas import SnapshotCreate

FILE = ("application/x-ndjson", "customers.ndjson")
NEEDS = ("customers:read", "customers:export")
ALL = CustomerSearch.model_construct(state=[])


class SnapshotService:
    """All records as they are at one moment, and where the feed of events goes on from there."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.customers = Walker(ctx, CustomerRead)

    async def start(self, data: SnapshotCreate) -> Written[JobRead]:
        return await JobService(self.ctx).start(
            f"{data.resource}.snapshot", data.model_dump(mode="json"), NEEDS, FILE
        )

    async def take(self, run: Run) -> None:
        """In a unit of work that sees this one moment, while the steps of the run write."""
        run.cursor = await stand_still(self.ctx)
        rows = await self.customers.how_many()
        after: UUID | None = BEGINNING
        while after is not None:
            found = await self.customers.stretch(ALL, after=after)
            after = found.last
            async with run.step():
                run.write(found.lines)
                run.figures["records"] += found.found
                run.percent = 100 * run.figures["records"] // max(rows, 1)
