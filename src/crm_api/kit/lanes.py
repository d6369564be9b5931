"""Lanes of timers that are held back: what waits in them stays as it is, however much that is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from .context import Context
from .db import Base
from .timers import real


class NarrowLane(Base):
    """A lane of which fewer are worked on at the same time, and nothing before a real time. One
    row holds back a backlog of any size."""

    __tablename__ = "narrow_lanes"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    lane: Mapped[UUID] = mapped_column(primary_key=True)
    abreast: Mapped[int]
    not_before: Mapped[datetime]


NARROW = text(
    "INSERT INTO narrow_lanes (tenant_id, lane, abreast, not_before) "
    "VALUES (:tenant, :lane, :abreast, :at) ON CONFLICT (tenant_id, lane) "
    "DO UPDATE SET abreast = excluded.abreast, not_before = excluded.not_before RETURNING lane"
)
WIDEN = text("DELETE FROM narrow_lanes WHERE tenant_id = :tenant AND lane = :lane RETURNING lane")


async def narrow(ctx: Context, lane: UUID, abreast: int, not_before: datetime) -> None:
    """Work on so many of a lane at the same time, and on none before a time of the tenant."""
    at = real(ctx, not_before)
    await ctx.work.rows(NARROW, {"lane": lane, "abreast": abreast, "at": at})


async def widen(ctx: Context, lane: UUID) -> None:
    """A lane is like others again."""
    await ctx.work.rows(WIDEN, {"lane": lane})
