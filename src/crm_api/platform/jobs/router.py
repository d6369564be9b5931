from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import watched
from crm_api.kit.asked import asked
from crm_api.kit.http import changed, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.streams import FileReply, file_of
from crm_api.kit.unit_route import resource

from .resource import JOB
from .schemas import JobId, JobPage, JobQuery, JobRead
from .service import JobService

ids_in_paths(JOB.prefix)
router = resource("jobs", "jobs")

RESULT = file_of("application/x-ndjson", "text/csv", says="What the job has made, as a file.")
TOO_EARLY_OR_LATE = {"x-problems": ["409", "410"]}

Reader = Annotated[JobService, provide(JobService, "jobs:read")]
Writer = Annotated[JobService, provide(JobService, "jobs:write")]


@router.get("", response_model=JobPage)
async def list_jobs(jobs: Reader, query: Annotated[JobQuery, asked(JobQuery)]) -> Response:
    """List jobs, newest first."""
    return listed(await jobs.list(query))


@router.get("/{id:job}", response_model=JobRead)
async def get_job(jobs: Reader, id: JobId) -> Response:
    """Read how far a job is. While it goes on, `Retry-After` says when to ask again."""
    job, goes_on = await jobs.get(id)
    return watched(job, goes_on=goes_on)


@router.get("/{id:job}/result", **RESULT, openapi_extra=TOO_EARLY_OR_LATE)
async def get_job_result(jobs: Reader, id: JobId) -> Response:
    """Download what a job has made, until seven days after its end.

    It takes a key that has the scopes of the job and sees what its asker saw.
    """
    return FileReply(await jobs.result(id))


@router.post("/{id:job}/cancel", response_model=JobRead)
async def cancel_job(jobs: Writer, id: JobId) -> Response:
    """End a job early. What it has done so far stays done; nothing more is begun."""
    return changed(await jobs.cancel(id))
