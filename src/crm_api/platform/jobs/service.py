from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from crm_api.kit.actor import Actor
from crm_api.kit.context import Context
from crm_api.kit.lasting import check_lasting, lasting
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.streams import File

from .errors import NoResult, NotSucceeded, NotYet, NotYours, ResultGone, TooManyJobs
from .models import Job, JobFile, JobState
from .repository import JobRepository
from .resource import JOB
from .schemas import JobQuery, JobRead
from .statements import MOST_OPEN, OPEN

AT_ONCE = 8
DAYS = 7
"""So long a result is kept, counted from the end of its job."""


class JobService:
    """Work that goes on after its request."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.jobs = JobRepository(ctx)

    async def start(
        self,
        kind: str,
        asked: Mapping[str, Any],
        needs: Sequence[str] = (),
        file: tuple[str, str] | None = None,
        *,
        partial: bool = False,
    ) -> Written[JobRead]:
        """Have it done once this is committed, with the rights of whoever asks, `needs` of all.

        `file` is the media type and the name of a result; `partial` ones can also be read of
        jobs that ended before their time. Raises TooManyJobs, OnlyByToken.
        """
        check_lasting(self.ctx.actor, needs)
        if await self.jobs.is_full():
            raise TooManyJobs(MOST_OPEN)
        type_, name = file or (None, None)
        return self.jobs.enqueue(
            kind=kind,
            asked=dict(asked),
            needs=sorted(needs),
            **_asker(self.ctx.actor, self.ctx.unit),
            request_id=self.ctx.request_id,
            language=self.ctx.language,
            result_type=type_,
            result_name=name,
            result_partial=partial,
        )

    async def send_along(self, id: UUID, parts: Iterable[bytes], number: int = 0) -> None:
        """What a job is given to work with, from a part's number on; its worker reads it so."""
        left = iter(parts)
        while some := list(islice(left, AT_ONCE)):
            await self.jobs.add_parts(id, JobFile.sent, number, some)
            number += len(some)

    async def sent(self, id: UUID, number: int) -> bytes | None:
        """Null behind the last."""
        return await self.jobs.part(id, JobFile.sent, number)

    async def list(self, query: JobQuery) -> Listing:
        return await self.jobs.page(query)

    async def get(self, id: UUID) -> tuple[Document[JobRead], bool]:
        """A job, and whether it goes on. It changes between its versions, so its tag does too."""
        found = await self.jobs.get(id)
        goes_on = from_json(found.body)["state"] in OPEN
        told = blake2b(found.body.encode(), digest_size=8).hexdigest() if goes_on else ""
        return replace(found, variant=told), goes_on

    async def cancel(self, id: UUID) -> Written[JobRead]:
        """What it has done stays; whoever works on it notices within seconds."""
        job = await self.jobs.load(id)
        return await self.jobs.cancel(
            job, finished_at=self.ctx.now, **ended(job, self.ctx.now, JobState.cancelled)
        )

    async def result(self, id: UUID) -> File:
        """Raises: NotFound, Forbidden, Conflict, Gone."""
        await self.jobs.get(id)
        job = await self.jobs.row(id)
        self._check_reader(job)
        if job.state in OPEN:
            raise NotYet
        if job.result_type is None or job.result_name is None:
            raise NoResult
        if job.result_url is None or job.result_expires_at is None:
            raise NotSucceeded(job.state)
        if job.result_expires_at <= self.ctx.now:
            raise ResultGone(DAYS)
        return File(job.result_type, job.result_name, job.result_bytes, self._parts(job))

    async def _parts(self, job: Job) -> AsyncIterator[bytes]:
        """No connection is held between one part and the next."""
        for number in range(job.result_parts):
            part = await self.jobs.part(job.id, JobFile.result, number)
            if part is None:
                raise ResultGone(DAYS)
            yield part

    def _check_reader(self, job: Job) -> None:
        actor = self.ctx.actor
        missing = actor.lacks(job.needs)
        if missing or actor.masked > job.masked or _unseen(actor, job):
            raise NotYours(missing)


def _unseen(actor: Actor, job: Job) -> set[str]:
    """What is hidden from somebody and was not from whoever asked, of the collections that a job
    works with."""
    works_with = {scope.partition(":")[0] for scope in job.needs}
    return {n for n in actor.masks if n.partition(".")[0] in works_with} - {*job.masks}


def _asker(actor: Actor, unit: UUID | None) -> dict[str, Any]:
    return {
        "actor_id": actor.id,
        "user_id": actor.user_id,
        "scopes": sorted(lasting(actor)),
        "masked": actor.masked,
        "masks": sorted(actor.masks),
        "business_unit_id": unit,
    }


def ended(job: Job, now: datetime, state: JobState) -> dict[str, Any]:
    """What can be read of a job that ends so."""
    if job.result_type is None or not (state == JobState.succeeded or job.result_partial):
        return {}
    url = f"/v1/jobs/{JOB.prefix.write(job.id)}/result"
    return {"result_url": url, "result_expires_at": now + timedelta(days=DAYS)}
