from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run

from .service import SnapshotService

work = Jobs()


@work.on("customers.snapshot")
async def snapshot(run: Run) -> None:
    """A moment that is over cannot be seen again: whoever takes it up begins anew."""
    run.begin_anew()
    async with run.apart() as ctx:
        await SnapshotService(ctx).take(run)
