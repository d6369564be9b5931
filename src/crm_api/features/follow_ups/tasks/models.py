from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers
from crm_api.kit.filters import Listed
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class TaskState(StrEnum):
    open = "open"
    done = "done"
    cancelled = "cancelled"


class TaskPriority(StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class TaskRecord(Base):
    """Finds tasks by the records that they are linked to; `Task.records` says it."""

    __tablename__ = "task_records"
    __table_args__ = (
        refers("task_id", "tasks", ondelete="CASCADE"),
        Index(None, "tenant_id", "task_id"),
        {"info": {"pointer": "/records", "links": "record_id"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)


LINKED = Listed(TaskRecord, "task_id", "record_id", ())


class Task(Entity):
    """Something that somebody has to do by a time.

    `due_order` is `due_until`, and the end of all days where there is none: lists are sorted by it.
    `series_begin` is the local day, or day and time, from which the rule is reckoned.
    """

    __tablename__ = "tasks"
    sight: ClassVar[Sight | None] = ByColumns(
        "tasks", "business_unit_id", ("assignee_id", "creator_id")
    )
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("assignee_id", "users"),
        refers("creator_id", "users"),
        refers("series_id", "tasks"),
        refers("next_task_id", "tasks"),
        CheckConstraint("num_nonnulls(due_on, due_at) <= 1", name="due_once"),
        CheckConstraint(
            "(due_until IS NOT NULL) = (num_nonnulls(due_on, due_at) = 1)", name="due_ends"
        ),
        CheckConstraint("due_until IS NULL OR due_order = due_until", name="due_in_order"),
        CheckConstraint("(state = 'done') = (completed_at IS NOT NULL)", name="done_at_a_time"),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at_a_time"
        ),
        CheckConstraint(
            "num_nonnulls(series_id, series_begin, occurrence_on) IN (0, 3)",
            name="occurrence_of_a_series",
        ),
        CheckConstraint(
            "recurrence IS NULL OR (series_id IS NOT NULL AND due_until IS NOT NULL)",
            name="what_recurs_is_due",
        ),
    )

    subject: Mapped[str]
    description: Mapped[str | None]
    state: Mapped[TaskState] = mapped_column(server_default="open")
    priority: Mapped[TaskPriority] = mapped_column(server_default="normal")
    customer_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID]
    assignee_id: Mapped[UUID | None]
    creator_id: Mapped[UUID | None]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    due_until: Mapped[datetime | None]
    due_order: Mapped[datetime]
    time_zone: Mapped[str]
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]
    checklist: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    recurrence: Mapped[dict[str, Any] | None]
    series_id: Mapped[UUID | None]
    series_begin: Mapped[str | None]
    occurrence_on: Mapped[date | None]
    occurrence_at: Mapped[datetime | None]
    next_task_id: Mapped[UUID | None]
    records: Mapped[list[str]] = mapped_column(server_default="{}")
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


listed_by(
    Task,
    Task.state,
    Task.priority,
    Task.customer_id,
    Task.business_unit_id,
    Task.assignee_id,
    Task.creator_id,
)
Index(None, Task.tenant_id, Task.updated_at, Task.id)
Index(None, Task.tenant_id, Task.due_order, Task.id)
Index(
    "ix_tasks_open_due",
    Task.tenant_id,
    Task.assignee_id,
    Task.due_order,
    Task.id,
    postgresql_where=text("state = 'open'"),
)
Index(
    "ix_tasks_overdue",
    Task.tenant_id,
    Task.created_at,
    Task.id,
    postgresql_where=text("state = 'open' AND overdue_at IS NOT NULL"),
)
Index(
    "uq_tasks_series_id_occurrence_on",
    Task.tenant_id,
    Task.series_id,
    Task.occurrence_on,
    unique=True,
)
