from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_api.kit import timers
from crm_api.kit.db import detached
from crm_api.kit.errors import NotFound
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository
from crm_api.kit.timers import Lease, LeaseLost

from .events import JobCancelled, JobCreated
from .models import Job, JobFile, JobState
from .resource import JOB
from .schemas import JobRead
from .statements import ADD, BEGIN, DROP, KEEP, MOST_OPEN, PART, ROW, TIMER, WAITING


@dataclass(slots=True)
class Way:
    """How far a job has come: what is kept of it with every step."""

    percent: int
    figures: dict[str, Any]
    checkpoint: dict[str, Any]
    cursor: UUID | None
    parts: int
    size: int


class JobRepository(Repository[Job, JobRead]):
    model = Job
    noun = JOB
    read = JobRead

    def enqueue(self, **values: Any) -> Written[JobRead]:
        """A job that is due as soon as it is committed; its tenant's jobs share a lane."""
        made = self.add(JobCreated, **values)
        timers.schedule(self.ctx, TIMER, made.id, lane=self.ctx.tenant.id)
        return made

    async def is_full(self) -> bool:
        """Whether as many have not ended as may wait."""
        waiting: int = await self.ctx.work.fetch(WAITING, {})
        return waiting >= MOST_OPEN

    async def row(self, id: UUID) -> Job:
        found = await self.ctx.work.rows(ROW, {"job": id})
        if not found:
            raise NotFound
        return detached(Job, dict(found[0]._mapping))

    async def begin(self, lease: Lease) -> Job:
        """Raises LeaseLost where it has ended meanwhile."""
        found = await self.ctx.work.rows(BEGIN, {"job": lease.id, "now": self.ctx.now})
        await timers.still(self.ctx, lease, anew=False)
        if not found:
            raise LeaseLost
        return detached(Job, dict(found[0]._mapping))

    async def keep(self, lease: Lease, way: Way, added: Sequence[bytes]) -> None:
        """What a step has reached, with what it has added to the result. Raises LeaseLost."""
        if added:
            await self.add_parts(lease.id, JobFile.result, way.parts - len(added), added)
        told = {
            "percent": way.percent,
            "counted": way.figures,
            "reached": way.checkpoint,
            "from_here": way.cursor,
            "parts": way.parts,
            "size": way.size,
        }
        if not await self.ctx.work.rows(KEEP, {"job": lease.id, **told}):
            raise LeaseLost
        await timers.still(self.ctx, lease, anew=bool(way.checkpoint))

    async def end(self, lease: Lease, state: JobState, event: type[Event], **told: Any) -> None:
        """Raises LeaseLost."""
        [job] = await self.load_all([lease.id])
        if job.state != JobState.running:
            raise LeaseLost
        self.noun.check_transition(job.state, state)
        self.change(job, event, state=state, **told)
        await self.drop(lease.id, JobFile.sent)
        await timers.done(self.ctx, lease)

    async def cancel(self, job: Job, **told: Any) -> Written[JobRead]:
        self.noun.check_transition(job.state, JobState.cancelled)
        await self.drop(job.id, JobFile.sent)
        await timers.cancel(self.ctx, job.id)
        return self.change(job, JobCancelled, state=JobState.cancelled, **told)

    async def add_parts(self, id: UUID, file: JobFile, before: int, parts: Sequence[bytes]) -> None:
        """They follow those `before`."""
        told: Mapping[str, Any] = {"first": before - 1, "parts": list(parts)}
        await self.ctx.work.rows(ADD, {"job": id, "file": file.value, **told})

    async def drop(self, id: UUID, file: JobFile) -> None:
        await self.ctx.work.rows(DROP, {"job": id, "file": file.value})

    async def part(self, id: UUID, file: JobFile, number: int) -> bytes | None:
        asked = {"job": id, "file": file.value, "number": number}
        found: bytes | None = await self.ctx.work.fetch(PART, asked)
        return found
