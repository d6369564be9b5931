from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, listed_by, refers
from crm_api.kit.naming import Named


class TeamState(StrEnum):
    live = "live"
    archived = "archived"


class Team(Named):
    """Its members live in this row, as the contract has their ids; `TeamMember` only finds it."""

    __tablename__ = "teams"
    __table_args__ = (
        refers("business_unit_id", "business_units"),
        refers("lead_id", "users"),
    )

    business_unit_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    member_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    state: Mapped[TeamState] = mapped_column(server_default="live")


listed_by(Team, Team.business_unit_id, Team.lead_id)
Index(None, Team.tenant_id, Team.sort_name, Team.id)
Index("ix_teams_search_pieces", Team.search_pieces, postgresql_using="gin")


class TeamMember(Base):
    """That a user is in a team."""

    __tablename__ = "team_members"
    __table_args__ = (
        refers("user_id", "users"),
        refers("team_id", "teams", ondelete="CASCADE"),
        Index(None, "tenant_id", "team_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
