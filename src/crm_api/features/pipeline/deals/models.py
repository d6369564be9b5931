from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    Numeric,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.features.pipeline.pipelines.schemas import StageKind
from crm_api.kit.db import Base, listed_by, refers
from crm_api.kit.filters import Listed
from crm_api.kit.naming import Named
from crm_api.kit.reach import ByColumns
from crm_api.kit.sight import Sight


class DealState(StrEnum):
    live = "live"
    archived = "archived"


class ForecastCategory(StrEnum):
    pipeline = "pipeline"
    best_case = "best_case"
    commit = "commit"
    omitted = "omitted"


class DealCollaborator(Base):
    """Finds deals by who works on them; `Deal.collaborator_ids` says it."""

    __tablename__ = "deal_collaborators"
    __table_args__ = (
        refers("user_id", "users"),
        refers("deal_id", "deals", ondelete="CASCADE"),
        Index(None, "tenant_id", "deal_id"),
        {"info": {"pointer": "/collaborator_ids"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(primary_key=True)


class DealContact(Base):
    """Finds deals by the people that they are about; `Deal.contacts` says it."""

    __tablename__ = "deal_contacts"
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("deal_id", "deals", ondelete="CASCADE"),
        Index(None, "tenant_id", "deal_id"),
        {"info": {"pointer": "/contacts"}},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(primary_key=True)


COLLABORATING = Listed(DealCollaborator, "deal_id", "user_id", ())
TALKING = Listed(DealContact, "deal_id", "customer_id", ())
FAR_OFF = "9999-12-31"


class Deal(Named):
    """What belongs to the deal lives in this row; where it has been, in its stays."""

    __tablename__ = "deals"
    sight: ClassVar[Sight | None] = ByColumns(
        "deals", "business_unit_id", ("owner_id",), COLLABORATING
    )
    __table_args__ = (
        refers("customer_id", "customers"),
        refers("business_unit_id", "business_units"),
        refers("owner_id", "users"),
        ForeignKeyConstraint(
            ["tenant_id", "pipeline_id", "stage_id"],
            ["stages.tenant_id", "stages.pipeline_id", "stages.id"],
        ),
        CheckConstraint("(status = 'open') = (stay_id IS NOT NULL)", name="open_stays_somewhere"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_some_time"),
        CheckConstraint("(status = 'lost') = (loss_reason IS NOT NULL)", name="lost_for_a_reason"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability_in_percent"),
        CheckConstraint("amount >= 0", name="no_negative_amount"),
        CheckConstraint("num_nonnulls(amount, currency) IN (0, 2)", name="amount_of_a_currency"),
        CheckConstraint(
            "num_nonnulls(base_amount, base_currency, exchange_rate) IN (0, 3)",
            name="base_by_a_rate",
        ),
        CheckConstraint("base_amount IS NULL OR amount IS NOT NULL", name="base_of_an_amount"),
        CheckConstraint("splits_hold(splits)", name="splits_sum_to_all"),
    )

    customer_id: Mapped[UUID]
    business_unit_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    collaborator_ids: Mapped[list[str]] = mapped_column(server_default="{}")
    pipeline_id: Mapped[UUID]
    stage_id: Mapped[UUID]
    stage: Mapped[str]
    stage_since: Mapped[datetime]
    stale_since: Mapped[datetime | None]
    stay_id: Mapped[UUID | None]
    stays: Mapped[int]
    status: Mapped[StageKind]
    probability: Mapped[int]
    forecast_category: Mapped[ForecastCategory] = mapped_column(server_default="pipeline")
    amount: Mapped[Decimal | None] = mapped_column(Numeric(15, 3))
    currency: Mapped[str | None]
    base_amount: Mapped[Decimal | None] = mapped_column(Numeric(15, 3))
    base_currency: Mapped[str | None]
    exchange_rate: Mapped[Decimal | None] = mapped_column(Numeric(22, 10))
    expected_close_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    loss_reason: Mapped[str | None]
    closing_note: Mapped[str | None]
    reopening_reason: Mapped[str | None]
    source: Mapped[str | None]
    description: Mapped[str | None]
    contacts: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    products: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    competitors: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    splits: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    checklist: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_ids: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    external_id_aliases: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    state: Mapped[DealState] = mapped_column(server_default="live")
    close_order: Mapped[date] = mapped_column(
        Date, Computed(f"coalesce(expected_close_on, '{FAR_OFF}'::date)", persisted=True)
    )
    value_order: Mapped[int] = mapped_column(
        BigInteger, Computed("(coalesce(base_amount, 0) * 1000)::bigint", persisted=True)
    )


listed_by(
    Deal,
    *(Deal.customer_id, Deal.business_unit_id, Deal.owner_id, Deal.pipeline_id, Deal.stage_id),
    *(Deal.stage, Deal.status, Deal.forecast_category, Deal.source),
)
for order in (Deal.updated_at, Deal.sort_name, Deal.close_order, Deal.value_order):
    Index(None, Deal.tenant_id, order, Deal.id)
Index("ix_deals_search_pieces", Deal.search_pieces, postgresql_using="gin")
Index(
    "ix_deals_archived",
    Deal.tenant_id,
    Deal.created_at,
    Deal.id,
    postgresql_where=text("state = 'archived'"),
)
Index(
    "ix_deals_stale",
    Deal.tenant_id,
    Deal.created_at,
    Deal.id,
    postgresql_where=text("stale_since IS NOT NULL"),
)
Index(
    "ix_deals_open_by_close",
    Deal.tenant_id,
    Deal.expected_close_on,
    postgresql_where=text("status = 'open' AND state = 'live'"),
    postgresql_include=[
        "owner_id",
        "business_unit_id",
        "pipeline_id",
        "forecast_category",
        "currency",
        "amount",
        "probability",
    ],
)
Index(
    "ix_deals_won_by_close",
    Deal.tenant_id,
    Deal.closed_at,
    postgresql_where=text("status = 'won' AND state = 'live'"),
    postgresql_include=[
        "owner_id",
        "business_unit_id",
        "pipeline_id",
        "base_amount",
        "base_currency",
    ],
)
