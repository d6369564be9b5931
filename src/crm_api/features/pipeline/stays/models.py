from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.pipeline.pipelines.schemas import StageKind
from crm_api.kit.db import Base, refers


class StageStay(Base):
    """That a deal was in a stage, with what it was when it came there: reports stand on this."""

    __tablename__ = "stage_stays"
    __table_args__ = (
        refers("deal_id", "deals"),
        ForeignKeyConstraint(
            ["tenant_id", "pipeline_id", "stage_id"],
            ["stages.tenant_id", "stages.pipeline_id", "stages.id"],
        ),
        CheckConstraint("left_at >= entered_at", name="left_after_it_came"),
        CheckConstraint("NOT skipped OR left_at = entered_at", name="skipped_at_once"),
        CheckConstraint("kind = 'open' OR left_at = entered_at", name="closed_at_once"),
        CheckConstraint("num_nonnulls(amount, currency) IN (0, 2)", name="amount_of_a_currency"),
        CheckConstraint(
            "num_nonnulls(base_amount, base_currency) IN (0, 2)", name="base_of_a_currency"
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID]
    number: Mapped[int]
    pipeline_id: Mapped[UUID]
    stage_id: Mapped[UUID]
    from_stage_id: Mapped[UUID | None]
    kind: Mapped[StageKind]
    skipped: Mapped[bool]
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None]
    business_unit_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    source: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(15, 3))
    currency: Mapped[str | None]
    base_amount: Mapped[Decimal | None] = mapped_column(Numeric(15, 3))
    base_currency: Mapped[str | None]
    expected_close_on: Mapped[date | None]


Index(
    "uq_stage_stays_deal_id_number",
    StageStay.tenant_id,
    StageStay.deal_id,
    StageStay.number,
    unique=True,
)
Index(
    "uq_stage_stays_open",
    StageStay.tenant_id,
    StageStay.deal_id,
    unique=True,
    postgresql_where=text("left_at IS NULL"),
)
Index(None, StageStay.tenant_id, StageStay.pipeline_id, StageStay.entered_at)
Index(None, StageStay.tenant_id, StageStay.pipeline_id, StageStay.left_at)
