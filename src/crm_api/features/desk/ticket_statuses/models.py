from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.kit.db import Entity, listed_by


class TicketStatusState(StrEnum):
    live = "live"
    archived = "archived"


class TicketStatus(Entity):
    """The default one of a category is there from the beginning, and stays."""

    __tablename__ = "ticket_statuses"
    __table_args__ = (
        CheckConstraint("NOT is_default OR state = 'live'", name="default_is_live"),
        CheckConstraint("position BETWEEN 0 AND 1000", name="position_in_range"),
    )

    name: Mapped[str]
    category: Mapped[TicketCategory]
    position: Mapped[int]
    is_default: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[TicketStatusState] = mapped_column(server_default="live")


listed_by(TicketStatus, TicketStatus.category)
Index(None, TicketStatus.tenant_id, TicketStatus.position, TicketStatus.id)
Index("uq_ticket_statuses_name", TicketStatus.tenant_id, TicketStatus.name, unique=True)
Index(
    "uq_ticket_statuses_default",
    TicketStatus.tenant_id,
    TicketStatus.category,
    unique=True,
    postgresql_where=text("is_default"),
)
