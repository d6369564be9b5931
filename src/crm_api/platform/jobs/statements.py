"""SQL over jobs and their parts."""

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.kit.db import table_of
from crm_api.kit.statement import TENANT, in_tenant, number, quoted
from crm_api.kit.timers import TIMERS

from .models import Job, JobPart, JobState

TIMER, MOST_OPEN = "job", 100
OPEN = (JobState.queued, JobState.running)
JOBS, PARTS = table_of(Job), table_of(JobPart)
THIS = (JOBS.c.tenant_id == TENANT, JOBS.c.id == bindparam("job"))
ROW = select(JOBS).where(*THIS)
BEGIN = (
    update(JOBS)
    .where(*THIS, JOBS.c.state.in_(OPEN))
    .values(
        state=JobState.running,
        attempts=JOBS.c.attempts + 1,
        started_at=text("coalesce(started_at, :now)").bindparams(bindparam("now")),
    )
    .returning(JOBS)
)
KEEP = (
    update(JOBS)
    .where(*THIS, JOBS.c.state == JobState.running)
    .values(
        progress_percent=bindparam("percent"),
        figures=bindparam("counted", type_=JSONB()),
        checkpoint=bindparam("reached", type_=JSONB()),
        cursor=bindparam("from_here"),
        result_parts=bindparam("parts"),
        result_bytes=bindparam("size"),
    )
    .returning(JOBS.c.id)
)
WAITING = in_tenant(
    select(func.count())
    .select_from(
        select(TIMERS.c.id)
        .where(TIMERS.c.kind == quoted(TIMER), TIMERS.c.tenant_id == TENANT)
        .where(TIMERS.c.lane == TENANT)
        .limit(number(MOST_OPEN))
        .subquery("some")
    )
    .scalar_subquery()
)
"""How many jobs have not ended; no more are counted than there may be."""
ADD = text(
    "INSERT INTO job_parts (tenant_id, job_id, file, number, bytes) "
    "SELECT :tenant, :job, :file, :first + place, part "
    "FROM unnest(CAST(:parts AS bytea[])) WITH ORDINALITY AS listed(part, place) "
    "ON CONFLICT (tenant_id, job_id, file, number) DO UPDATE SET bytes = excluded.bytes "
    "RETURNING number"
)
OF_FILE = (
    PARTS.c.tenant_id == TENANT,
    PARTS.c.job_id == bindparam("job"),
    PARTS.c.file == bindparam("file"),
)
DROP = delete(PARTS).where(*OF_FILE).returning(PARTS.c.number)
PART = in_tenant(
    select(PARTS.c.bytes).where(*OF_FILE, PARTS.c.number == bindparam("number")).scalar_subquery()
)
