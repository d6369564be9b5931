"""What is due when: one queue under all that is done after requests.

A row knows ids and times only; what is to be done stands in tables of tenants, behind their
policies. `fence` grows with every lease: who comes back after his lease has gone to another one
changes nothing any more. `attempts` counts leases, so work that kills its worker is counted too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Index, and_, bindparam, delete, text, update
from sqlalchemy.orm import Mapped, mapped_column

from .context import Context
from .db import Base, table_of
from .statement import TENANT


class Timer(Base):
    """`due_at` is real time, also for a sandbox; while `held` it is when the lease ends.

    A `lane` is what must not be crowded: so many of it are worked on at the same time.
    """

    __tablename__ = "timers"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    lane: Mapped[UUID]
    due_at: Mapped[datetime]
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    fence: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")


Index("ix_timers_due", Timer.kind, Timer.tenant_id, Timer.lane, Timer.due_at)
Index("ix_timers_held", Timer.tenant_id, Timer.lane, postgresql_where=text("held"))


TIMERS = table_of(Timer)
GIVEN = and_(TIMERS.c.tenant_id == TENANT, TIMERS.c.id == bindparam("timer"))
MINE = and_(GIVEN, TIMERS.c.fence == bindparam("held_by"))
DONE = delete(TIMERS).where(MINE).returning(TIMERS.c.id)
AGAIN = (
    update(TIMERS).where(MINE).values(held=False, due_at=bindparam("due")).returning(TIMERS.c.id)
)
STILL = update(TIMERS).where(MINE).values(attempts=bindparam("tries")).returning(TIMERS.c.id)
CANCEL = delete(TIMERS).where(GIVEN).returning(TIMERS.c.id)
ALONE_WITH = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || {kind}, 0))"
"""Whoever claims and whoever hurries change many rows, in orders of their own: one at a time."""
CLAIMS = text(
    f"{ALONE_WITH.format(kind='kind')} FROM "
    "(SELECT DISTINCT kind FROM timers WHERE tenant_id = :tenant ORDER BY kind) kinds"
)
HURRY = text(
    "WITH lanes AS (UPDATE narrow_lanes SET "
    "not_before = not_before - make_interval(secs => :seconds) WHERE tenant_id = :tenant) "
    "UPDATE timers SET due_at = due_at - make_interval(secs => :seconds) "
    "WHERE tenant_id = :tenant AND NOT held RETURNING id"
)
HASTEN = text(
    "INSERT INTO timers AS known (tenant_id, id, kind, lane, due_at) "
    "SELECT :tenant, id, :kind, :lane, :due FROM unnest(CAST(:timers AS uuid[])) id ORDER BY id "
    "ON CONFLICT (tenant_id, id) "
    "DO UPDATE SET due_at = least(known.due_at, excluded.due_at) WHERE NOT known.held "
    "RETURNING id"
)


class LeaseLost(Exception):
    """Another one works on it by now, or nobody has to any more: leave everything as it is."""


@dataclass(frozen=True, slots=True)
class Lease:
    tenant_id: UUID
    id: UUID
    lane: UUID
    fence: int
    attempts: int


def schedule(ctx: Context, kind: str, id: UUID, lane: UUID, due_at: datetime | None = None) -> None:
    """Let it be done, now or at a time of the tenant; committed with all else that `ctx` does."""
    at = real(ctx, due_at or ctx.now)
    ctx.work.stage("insert", TIMERS, {"id": id, "kind": kind, "lane": lane, "due_at": at})


async def hasten(ctx: Context, kind: str, id: UUID, lane: UUID, due_at: datetime) -> None:
    """Let it be done at a time of the tenant at the latest; who is at it looks again by himself."""
    await hasten_all(ctx, kind, [id], lane, due_at)


async def hasten_all(
    ctx: Context, kind: str, ids: Sequence[UUID], lane: UUID, due_at: datetime
) -> None:
    """The same of several, at once."""
    told = {"timers": list(ids), "kind": kind, "lane": lane, "due": real(ctx, due_at)}
    await ctx.work.rows(HASTEN, told)


async def done(ctx: Context, lease: Lease) -> None:
    """Nothing is left to do, if `ctx` commits. Raises LeaseLost."""
    await _mine(ctx, DONE, lease)


async def again(ctx: Context, lease: Lease, due_at: datetime) -> None:
    """To be done once more, at a time of the tenant. Raises LeaseLost."""
    await _mine(ctx, AGAIN, lease, due=real(ctx, due_at))


async def still(ctx: Context, lease: Lease, *, anew: bool) -> None:
    """Prove before a commit that it is ours: nobody takes it until then. Raises LeaseLost.

    With `anew` its attempts count from this one on: what gets on is no poison.
    """
    await _mine(ctx, STILL, lease, tries=1 if anew else lease.attempts)


async def cancel(ctx: Context, id: UUID) -> None:
    """It need not be done any more; whoever is at it loses his lease."""
    await ctx.work.rows(CANCEL, {"timer": id})


async def hurry(ctx: Context, seconds: int) -> None:
    """The clock of a sandbox goes on at once: so does all that waits for its time."""
    await ctx.work.rows(CLAIMS, {})
    await ctx.work.rows(HURRY, {"seconds": seconds})


def real(ctx: Context, at: datetime) -> datetime:
    """When it will be that time for the tenant."""
    return at - timedelta(seconds=ctx.tenant.clock_advanced_seconds)


async def _mine(ctx: Context, statement: Executable, lease: Lease, **values: Any) -> None:
    held = {"timer": lease.id, "held_by": lease.fence}
    if not await ctx.work.rows(statement, {**held, **values}):
        raise LeaseLost
