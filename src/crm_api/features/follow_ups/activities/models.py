from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers
from crm_api.kit.filters import Listed
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class ActivityKind(StrEnum):
    call = "call"
    meeting = "meeting"
    visit = "visit"
    email = "email"
    message = "message"
    note = "note"


class ActivityState(StrEnum):
    planned = "planned"
    done = "done"
    cancelled = "cancelled"
    missed = "missed"


class ActivityCollaborator(Base):
    """Finds activities by who else takes part; `Activity.collaborator_ids` says it."""

    __tablename__ = "activity_collaborators"
    __table_args__ = (
        refers("user_id", "users"),
        refers("activity_id", "activities", ondelete="CASCADE"),
        Index(None, "tenant_id", "activity_id"),
        {"info": {"pointer": "/collaborator_ids"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(primary_key=True)


class ActivityRecord(Base):
    """Finds activities by the records that they are linked to; `Activity.records` says it."""

    __tablename__ = "activity_records"
    __table_args__ = (
        refers("activity_id", "activities", ondelete="CASCADE"),
        Index(None, "tenant_id", "activity_id"),
        {"info": {"pointer": "/records", "links": "record_id"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(primary_key=True)


COLLABORATING = Listed(ActivityCollaborator, "activity_id", "user_id", ())
LINKED = Listed(ActivityRecord, "activity_id", "record_id", ())


class Activity(Entity):
    """Something that was or will be done with a customer."""

    __tablename__ = "activities"
    sight: ClassVar[Sight | None] = ByColumns(
        "activities", "business_unit_id", ("owner_id",), COLLABORATING
    )
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("contact_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("owner_id", "users"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_a_time"),
        CheckConstraint(
            "ends_at IS NULL OR (starts_at IS NOT NULL AND ends_at >= starts_at)",
            name="ends_after_it_starts",
        ),
        CheckConstraint(
            "contact_id IS NULL OR customer_id IS NOT NULL", name="contact_is_a_customers"
        ),
        CheckConstraint(
            "CASE state WHEN 'planned' THEN due_at = starts_at WHEN 'done' THEN due_at IS NULL "
            "OR due_at = next_contact_at ELSE due_at IS NULL END IS TRUE",
            name="due_by_its_state",
        ),
    )

    kind: Mapped[ActivityKind]
    state: Mapped[ActivityState] = mapped_column(server_default="planned")
    subject: Mapped[str]
    notes: Mapped[str | None]
    customer_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    collaborator_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    location: Mapped[str | None]
    outcome: Mapped[str | None]
    next_step: Mapped[str | None]
    next_contact_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    happens_at: Mapped[datetime] = mapped_column(
        Computed("coalesce(done_at, starts_at)", persisted=True)
    )
    contacted_at: Mapped[datetime | None] = mapped_column(
        Computed("CASE WHEN kind <> 'note' THEN done_at END", persisted=True)
    )
    records: Mapped[list[str]] = mapped_column(server_default="{}")
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


listed_by(
    Activity,
    Activity.kind,
    Activity.state,
    Activity.customer_id,
    Activity.contact_id,
    Activity.business_unit_id,
    Activity.owner_id,
)
Index(None, Activity.tenant_id, Activity.updated_at, Activity.id)
for _asked in ((), (Activity.owner_id,), (Activity.customer_id,)):
    Index(None, Activity.tenant_id, *_asked, Activity.happens_at, Activity.id)
for _asked in ((), (Activity.owner_id,), (Activity.business_unit_id,), (Activity.customer_id,)):
    Index(
        f"ix_activities_due{''.join(f'_{column.key}' for column in _asked)}",
        Activity.tenant_id,
        *_asked,
        Activity.due_at,
        Activity.id,
        postgresql_where=text("due_at IS NOT NULL"),
    )
Index(
    "ix_activities_contacted",
    Activity.tenant_id,
    Activity.customer_id,
    Activity.business_unit_id,
    Activity.contacted_at,
    postgresql_where=text("contacted_at IS NOT NULL"),
)
