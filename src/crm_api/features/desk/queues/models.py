from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, listed_by, refers
from crm_api.kit.naming import Named


class QueueState(StrEnum):
    live = "live"
    archived = "archived"


class Strategy(StrEnum):
    round_robin = "round_robin"
    least_load = "least_load"
    manual = "manual"


class Queue(Named):
    """Its members live in this row, as the contract has their ids; `QueueMember` only finds it."""

    __tablename__ = "queues"
    __table_args__ = (refers("business_unit_id", "business_units"),)

    business_unit_id: Mapped[UUID | None]
    strategy: Mapped[Strategy]
    member_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    is_default: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[QueueState] = mapped_column(server_default="live")


listed_by(Queue, Queue.business_unit_id)
Index(None, Queue.tenant_id, Queue.sort_name, Queue.id)
Index("ix_queues_search_pieces", Queue.search_pieces, postgresql_using="gin")
Index("uq_queues_name", Queue.tenant_id, Queue.name, unique=True)
Index(
    "uq_queues_default",
    Queue.tenant_id,
    unique=True,
    postgresql_where=text("state = 'live' AND is_default"),
    info={"pointer": "/is_default"},
)


class QueueMember(Base):
    """That an agent takes tickets of a queue."""

    __tablename__ = "queue_members"
    __table_args__ = (
        refers("agent_id", "agents"),
        refers("queue_id", "queues", ondelete="CASCADE"),
        Index(None, "tenant_id", "queue_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    queue_id: Mapped[UUID] = mapped_column(primary_key=True)
