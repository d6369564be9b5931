"""A job that is being done: in steps, each a transaction that also says how far it has come."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from crm_api.kit.actor import Actor
from crm_api.kit.context import Context, House
from crm_api.kit.errors import Problem
from crm_api.kit.problems import problem_body
from crm_api.kit.timers import Lease, again
from crm_api.kit.whole import rehearsed, whole
from crm_api.platform.access.standing import as_he_stands, tenant_of

from .asker import asker_of
from .errors import AskerGone
from .events import JobCompleted, JobFailed
from .models import Job, JobState
from .registry import TurnOver
from .repository import JobRepository, Way
from .resource import JOB
from .service import ended

TURN = 10.0
"""Seconds."""
LARGEST = 262_144
"""Bytes of a part: so much of a file is in memory at a time."""


class Run:
    """What a handler is given. `checkpoint`, `figures` and `percent` are as the last step left
    them; what a handler changes in them, and writes, is kept with the step that it is in.
    """

    def __init__(self, house: House, lease: Lease, job: Job) -> None:
        self.house, self.lease, self.job = house, lease, job
        self.kind, self.asked = job.kind, job.asked
        self.checkpoint: dict[str, Any] = job.checkpoint
        self.figures: Counter[str] = Counter(job.figures)
        self.percent, self.cursor = job.progress_percent, job.cursor
        self.parts, self.size = job.result_parts, job.result_bytes
        self.advanced = False
        self._turn_ends = monotonic() + TURN
        self._written: list[bytes] = []

    @property
    def id(self) -> UUID:
        return self.job.id

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Context]:
        """A unit of work of whoever asked, with the rights that he has by now.

        It commits only while the job is ours and goes on. What goes on from a checkpoint leaves its
        place to others after a turn. Raises AskerGone, LeaseLost, TurnOver.
        """
        if self.advanced and self.checkpoint and monotonic() >= self._turn_ends:
            raise TurnOver
        async with whole(await self._open()) as ctx:
            yield ctx
            added = list(self._split())
            self.parts += len(added)
            self.size += sum(map(len, added))
            await JobRepository(ctx).keep(self.lease, self._way(), added)
        self._written = []
        self.advanced = True

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Context]:
        """A unit of work beside the steps, of which nothing remains: to read, and to rehearse."""
        async with rehearsed(await self._open()) as ctx:
            yield ctx

    def write(self, *pieces: bytes) -> None:
        """More of the result."""
        self._written += pieces

    def begin_anew(self) -> None:
        """What an attempt before has left of a result is overwritten: only whole ones are good."""
        self.parts = self.size = 0
        self.figures.clear()

    async def succeed(self) -> None:
        """Raises LeaseLost."""
        await self._end(JobState.succeeded, JobCompleted, {"progress_percent": 100})

    async def fail(self, problem: Problem) -> None:
        """It is not tried again. Raises LeaseLost."""
        place = f"/v1/jobs/{JOB.prefix.write(self.id)}"
        said = problem_body(problem, place, self.job.request_id, self.job.language)
        await self._end(JobState.failed, JobFailed, {"problem": said})

    async def postpone(self, seconds: int) -> None:
        """To be tried again after so long. Raises LeaseLost."""
        async with whole(await self._opened(await self._whoever())) as ctx:
            await again(ctx, self.lease, ctx.now + timedelta(seconds=seconds))

    async def _end(self, state: JobState, event: Any, told: dict[str, Any]) -> None:
        async with whole(await self._opened(await self._whoever())) as ctx:
            told |= ended(self.job, ctx.now, state) | {"finished_at": ctx.now}
            await JobRepository(ctx).end(self.lease, state, event, **told)

    async def _open(self) -> Context:
        return await self._opened(await self._asker())

    async def _opened(self, actor: Actor) -> Context:
        ctx = Context.open(self.house, actor, self.job.request_id)
        ctx.headers = [(b"accept-language", self.job.language.encode())]
        await ctx.learn()
        return ctx

    async def _asker(self) -> Actor:
        actor = await as_he_stands(self.house, self.lease.tenant_id, asker_of(self.job))
        if actor is None or not actor.may(self.job.needs):
            raise AskerGone
        return actor

    async def _whoever(self) -> Actor:
        """The end of a job is told in the name of its asker, whatever he may do by now."""
        tenant = await tenant_of(self.house, self.lease.tenant_id)
        return Actor(self.job.actor_id, tenant, frozenset(), user_id=self.job.user_id)

    def _way(self) -> Way:
        return Way(
            percent=min(self.percent, 99),
            figures=dict(self.figures),
            checkpoint=self.checkpoint,
            cursor=self.cursor,
            parts=self.parts,
            size=self.size,
        )

    def _split(self) -> Iterator[bytes]:
        whole = b"".join(self._written)
        yield from (whole[at : at + LARGEST] for at in range(0, len(whole), LARGEST))


async def begun(house: House, lease: Lease) -> Run:
    """Raises LeaseLost where there is nothing to do any more."""
    tenant = await tenant_of(house, lease.tenant_id)
    nobody = Actor(lease.tenant_id, tenant, frozenset())
    async with whole(Context.open(house, nobody, "")) as ctx:
        job = await JobRepository(ctx).begin(lease)
    return Run(house, lease, job)
