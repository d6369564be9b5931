from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.columns import Columns
from crm_api.kit.db import Base, Entity, listed_by, refers, table_of


class AgentState(StrEnum):
    live = "live"
    archived = "archived"


class Presence(StrEnum):
    online = "online"
    away = "away"
    offline = "offline"


class Agent(Entity):
    """A user who answers tickets."""

    __tablename__ = "agents"
    __table_args__ = (
        refers("user_id", "users"),
        CheckConstraint("capacity BETWEEN 0 AND 1000", name="capacity_in_range"),
    )

    user_id: Mapped[UUID]
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    capacity: Mapped[int]
    presence: Mapped[Presence] = mapped_column(server_default="offline")
    state: Mapped[AgentState] = mapped_column(server_default="live")


listed_by(Agent, Agent.presence)
Index("uq_agents_user_id", Agent.tenant_id, Agent.user_id, unique=True)


class AgentLoad(Base):
    """How many open tickets an agent has, and whose turn it is: the lower `turn`, the longer ago
    the agent was given one. It changes with tickets, without a new version of the agent."""

    __tablename__ = "agent_loads"
    __table_args__ = (
        refers("agent_id", "agents"),
        CheckConstraint("load >= 0", name="no_negative_load"),
        Index(None, "tenant_id", "turn"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    load: Mapped[int] = mapped_column(server_default="0")
    turn: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_taken_at: Mapped[datetime | None]


LOADS = table_of(AgentLoad)


@dataclass(frozen=True, slots=True)
class LoadNow:
    """The mark of a field that is the load of an agent."""

    def written(self, row: Columns) -> ColumnElement[Any]:
        mine = (LOADS.c.tenant_id == row["tenant_id"], LOADS.c.agent_id == row["id"])
        return select(LOADS.c.load).where(*mine).correlate_except(LOADS).scalar_subquery()
