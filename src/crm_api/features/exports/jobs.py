from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run

from .service import ExportService

work = Jobs()


@work.on("customers.export")
async def export(run: Run) -> None:
    while run.checkpoint.get("left", True):
        async with run.step() as ctx:
            await ExportService(ctx).go_on(run)
