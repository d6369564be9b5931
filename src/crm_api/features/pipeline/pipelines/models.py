from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.kit.db import Base, Entity, listed_by, refers


class PipelineState(StrEnum):
    live = "live"
    archived = "archived"


class StageKind(StrEnum):
    open = "open"
    won = "won"
    lost = "lost"


class Pipeline(Entity):
    """Its stages live in this row; `Stage` is what deals and reports refer to."""

    __tablename__ = "pipelines"
    __table_args__ = (refers("business_unit_id", "business_units"), refers("team_id", "teams"))

    name: Mapped[str]
    business_unit_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    is_default: Mapped[bool] = mapped_column(server_default="false")
    orders_when_won: Mapped[bool] = mapped_column(server_default="false")
    stages: Mapped[list[dict[str, Any]]]
    loss_reasons: Mapped[list[dict[str, Any]]]
    state: Mapped[PipelineState] = mapped_column(server_default="live")


listed_by(Pipeline, Pipeline.business_unit_id, Pipeline.team_id)
Index(
    "uq_pipelines_default",
    Pipeline.tenant_id,
    Pipeline.business_unit_id,
    unique=True,
    postgresql_where=text("state = 'live' AND is_default"),
    postgresql_nulls_not_distinct=True,
    info={"pointer": "/is_default"},
)


class Stage(Base):
    """What of a stage SQL reckons with; `Pipeline.stages` says the rest."""

    __tablename__ = "stages"
    __table_args__ = (
        refers("pipeline_id", "pipelines", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "pipeline_id", "id"),
        UniqueConstraint("tenant_id", "pipeline_id", "code"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability_in_percent"),
        CheckConstraint("max_days BETWEEN 1 AND 3650", name="days_of_ten_years"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    pipeline_id: Mapped[UUID]
    code: Mapped[str]
    kind: Mapped[StageKind]
    position: Mapped[int]
    probability: Mapped[int]
    max_days: Mapped[int | None]
    retired: Mapped[bool] = mapped_column(server_default="false")
