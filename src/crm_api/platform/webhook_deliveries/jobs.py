from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.jobs.run import Run

from .replaying import Replaying
from .service import REPLAY

work = Jobs()


@work.on(REPLAY)
async def replay(run: Run) -> None:
    while run.checkpoint.get("left", True):
        async with run.step() as ctx:
            await Replaying(ctx).go_on(run)
