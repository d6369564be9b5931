from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers
from crm_api.kit.sight import OwnOfLimited, Sight


class JobState(StrEnum):
    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Job(Entity):
    """Work that goes on after its request. Its way (attempts, progress, figures, checkpoint) is
    written beside its versions: those tell of its beginning and its end.

    `needs` are the scopes that it works with; `scopes`, `masked` and `masks`, the fields that were
    hidden from him, what its asker had, `user_id` the user whom its events name,
    `business_unit_id` the unit that the request was narrowed to.
    """

    __tablename__ = "jobs"
    sight: ClassVar[Sight | None] = OwnOfLimited("user_id")
    __table_args__ = (CheckConstraint("progress_percent BETWEEN 0 AND 100", name="percent"),)

    kind: Mapped[str]
    state: Mapped[JobState] = mapped_column(server_default="queued")
    asked: Mapped[dict[str, Any]]
    needs: Mapped[list[str]]
    actor_id: Mapped[UUID]
    scopes: Mapped[list[str]]
    masked: Mapped[bool]
    masks: Mapped[list[str]] = mapped_column(server_default="{}")
    user_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID | None]
    request_id: Mapped[str]
    language: Mapped[str]

    attempts: Mapped[int] = mapped_column(server_default="0")
    progress_percent: Mapped[int] = mapped_column(server_default="0")
    figures: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    checkpoint: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    cursor: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]

    result_type: Mapped[str | None]
    result_name: Mapped[str | None]
    result_partial: Mapped[bool] = mapped_column(server_default="false")
    result_parts: Mapped[int] = mapped_column(server_default="0")
    result_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    result_url: Mapped[str | None]
    result_expires_at: Mapped[datetime | None]


listed_by(Job, Job.user_id, Job.state, Job.kind)


class JobFile(StrEnum):
    sent = "sent"
    result = "result"


class JobPart(Base):
    """A piece of what was sent with a job, or of its result; they follow by their numbers."""

    __tablename__ = "job_parts"
    __table_args__ = (refers("job_id", "jobs", ondelete="CASCADE"),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    file: Mapped[JobFile] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    bytes: Mapped[bytes]
