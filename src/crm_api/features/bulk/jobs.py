from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run

from .service import BulkService

work = Jobs()


@work.on("customers.bulk")
async def change(run: Run) -> None:
    while run.checkpoint.get("left", True):
        async with run.step() as ctx:
            await BulkService(ctx).go_on(run)
