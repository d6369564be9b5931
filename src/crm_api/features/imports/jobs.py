from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run

from .service import ImportService

work = Jobs()


@work.on("customers.import")
async def import_file(run: Run) -> None:
    while run.checkpoint.get("left", True):
        if run.asked["dry_run"]:
            await _rehearse(run)
        else:
            async with run.step() as ctx:
                (await ImportService(ctx).stretch(run)).tell(run)


async def _rehearse(run: Run) -> None:
    """What would become of the lines is kept, the lines are not."""
    async with run.apart() as ctx:
        found = await ImportService(ctx).stretch(run)
    async with run.step():
        found.tell(run)
