from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.desk.clock_facts.schemas import FactKind
from crm_api.features.desk.terms.schemas import ClockKind
from crm_api.kit.db import Base


class SlaEvent(Base):
    """What became of a clock of a ticket; rows are only added."""

    __tablename__ = "sla_events"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID]
    clock: Mapped[ClockKind]
    number: Mapped[int]
    kind: Mapped[FactKind]
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    policy_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_at: Mapped[datetime]


Index(None, SlaEvent.tenant_id, SlaEvent.ticket_id, SlaEvent.created_at, SlaEvent.id)
Index(
    "uq_sla_events_breached_once",
    SlaEvent.tenant_id,
    SlaEvent.ticket_id,
    SlaEvent.clock,
    SlaEvent.number,
    unique=True,
    postgresql_where=text("kind = 'breached'"),
)
