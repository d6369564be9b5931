from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run

from .handing import Handing
from .service import KIND

work = Jobs()


@work.on(KIND)
async def hand_over(run: Run) -> None:
    while run.checkpoint.get("left", True):
        async with run.step() as ctx:
            await Handing(ctx, run).go_on()
