"""Who does the jobs: leases, tries, and what becomes of those that fail."""

import structlog

from crm_api.kit.context import House
from crm_api.kit.crew import Crew
from crm_api.kit.errors import Problem, RateLimited, RequestInProgress
from crm_api.kit.failures import as_problem
from crm_api.kit.leases import Leases
from crm_api.kit.timers import Lease, LeaseLost

from .errors import JobGivenUp
from .registry import Jobs, TurnOver
from .run import Run, begun
from .statements import TIMER

SECONDS, ABREAST, PLACES = 6.0, 2, 8
PAUSES = (1, 5, 30, 120)
"""Seconds before each further try; after the last of them a job is given up."""
TRIES = len(PAUSES) + 1
log = structlog.get_logger("crm_api.jobs")


def crew(house: House, jobs: Jobs) -> Crew:
    """So many of a tenant at a time, and each for a turn only: its backlog starves nobody."""
    return Crew(Leases(house.pool, TIMER, SECONDS, ABREAST), Doing(house, jobs), PLACES)


class Doing:
    def __init__(self, house: House, jobs: Jobs) -> None:
        self.house, self.jobs = house, jobs

    async def __call__(self, lease: Lease) -> None:
        """A job that has killed its workers so often is not tried again either."""
        run = await begun(self.house, lease)
        if lease.attempts > TRIES:
            return await run.fail(JobGivenUp(TRIES))
        try:
            await self.jobs.do(run)
            await run.succeed()
        except LeaseLost:
            raise
        except TurnOver:
            await run.postpone(0)
        except Exception as error:
            await self._missed(run, error)

    async def _missed(self, run: Run, error: Exception) -> None:
        problem = error if isinstance(error, Problem) else as_problem(error)
        if problem is not None and _is_final(problem):
            return await run.fail(problem)
        tries = 1 if run.advanced and run.checkpoint else run.lease.attempts
        log.warning("job missed", kind=run.kind, id=str(run.id), tries=tries, exc_info=error)
        if tries >= TRIES:
            return await run.fail(JobGivenUp(TRIES))
        await run.postpone(PAUSES[tries - 1])


def _is_final(problem: Problem) -> bool:
    """Whether it would be the same the next time."""
    return problem.status < 500 and not isinstance(problem, RateLimited | RequestInProgress)
