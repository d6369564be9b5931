"""pipeline"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.search import create_search, drop_search

revision = "0b74ace60a4e"
down_revision = "a4c7e1902d5b"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
TABLES = (
    "pipelines",
    "stages",
    "deals",
    "deal_collaborators",
    "deal_contacts",
    "stage_stays",
    "quotas",
)
SPLITS_HOLD = """
CREATE FUNCTION splits_hold(splits jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN NOT EXISTS (
  SELECT FROM jsonb_array_elements(splits) s GROUP BY s ->> 'kind'
  HAVING sum((s ->> 'percent')::numeric) <> 100
)"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(SPLITS_HOLD)
    _pipelines()
    _deals()
    _beside()
    _stays()
    _reports()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    for statement in create_search("deals"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in drop_search("deals"):
        op.execute(statement)
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION splits_hold(jsonb)")


def _pipelines() -> None:
    op.create_table(
        "pipelines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("stages", JSONB, nullable=False),
        sa.Column("loss_reasons", JSONB, nullable=False),
        sa.Column(
            "state",
            _one_of("pipelinestate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_pipelines_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["teams.tenant_id", "teams.id"],
            name=op.f("fk_pipelines_tenant_id_team_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pipelines")),
    )
    op.create_index(
        op.f("ix_pipelines_tenant_id_business_unit_id_created_at_id"),
        "pipelines",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_pipelines_tenant_id_created_at_id"),
        "pipelines",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_pipelines_tenant_id_team_id_created_at_id"),
        "pipelines",
        ["tenant_id", "team_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_pipelines_default",
        "pipelines",
        ["tenant_id", "business_unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND is_default"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "stages",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", _one_of("stagekind", "open", "won", "lost"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.Column("retired", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("max_days BETWEEN 1 AND 3650", name=op.f("ck_stages_days_of_ten_years")),
        sa.CheckConstraint(
            "probability BETWEEN 0 AND 100", name=op.f("ck_stages_probability_in_percent")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pipeline_id"],
            ["pipelines.tenant_id", "pipelines.id"],
            name=op.f("fk_stages_tenant_id_pipeline_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stages")),
        sa.UniqueConstraint(
            "tenant_id", "pipeline_id", "code", name=op.f("uq_stages_tenant_id_pipeline_id_code")
        ),
        sa.UniqueConstraint(
            "tenant_id", "pipeline_id", "id", name=op.f("uq_stages_tenant_id_pipeline_id_id")
        ),
    )


def _deals() -> None:
    op.create_table(
        "deals",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "collaborator_ids", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_since", AT, nullable=False),
        sa.Column("stale_since", AT, nullable=True),
        sa.Column("stay_id", sa.Uuid(), nullable=True),
        sa.Column("stays", sa.Integer(), nullable=False),
        sa.Column("status", _one_of("stagekind", "open", "won", "lost"), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column(
            "forecast_category",
            _one_of("forecastcategory", "pipeline", "best_case", "commit", "omitted"),
            server_default="pipeline",
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("base_amount", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("exchange_rate", sa.Numeric(precision=22, scale=10), nullable=True),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("loss_reason", sa.Text(), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=True),
        sa.Column("reopening_reason", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("contacts", JSONB, server_default="[]", nullable=False),
        sa.Column("products", JSONB, server_default="[]", nullable=False),
        sa.Column("competitors", JSONB, server_default="[]", nullable=False),
        sa.Column("splits", JSONB, server_default="[]", nullable=False),
        sa.Column("checklist", JSONB, server_default="{}", nullable=False),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        sa.Column("custom", JSONB, server_default="{}", nullable=False),
        sa.Column(
            "state", _one_of("dealstate", "live", "archived"), server_default="live", nullable=False
        ),
        sa.Column(
            "close_order",
            sa.Date(),
            sa.Computed("coalesce(expected_close_on, '9999-12-31'::date)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "value_order",
            sa.BigInteger(),
            sa.Computed("(coalesce(base_amount, 0) * 1000)::bigint", persisted=True),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("search_pieces", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "(status = 'lost') = (loss_reason IS NOT NULL)", name=op.f("ck_deals_lost_for_a_reason")
        ),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_deals_closed_some_time")
        ),
        sa.CheckConstraint(
            "(status = 'open') = (stay_id IS NOT NULL)", name=op.f("ck_deals_open_stays_somewhere")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_deals_no_negative_amount")),
        sa.CheckConstraint(
            "base_amount IS NULL OR amount IS NOT NULL", name=op.f("ck_deals_base_of_an_amount")
        ),
        sa.CheckConstraint(
            "num_nonnulls(amount, currency) IN (0, 2)", name=op.f("ck_deals_amount_of_a_currency")
        ),
        sa.CheckConstraint(
            "num_nonnulls(base_amount, base_currency, exchange_rate) IN (0, 3)",
            name=op.f("ck_deals_base_by_a_rate"),
        ),
        sa.CheckConstraint(
            "probability BETWEEN 0 AND 100", name=op.f("ck_deals_probability_in_percent")
        ),
        sa.CheckConstraint("splits_hold(splits)", name=op.f("ck_deals_splits_sum_to_all")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_deals_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_deals_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_deals_tenant_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pipeline_id", "stage_id"],
            ["stages.tenant_id", "stages.pipeline_id", "stages.id"],
            name=op.f("fk_deals_tenant_id_pipeline_id_stage_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deals")),
    )
    op.create_index(
        "ix_deals_archived",
        "deals",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'archived'"),
    )
    op.create_index(
        "ix_deals_search_pieces", "deals", ["search_pieces"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        op.f("ix_deals_tenant_id_business_unit_id_created_at_id"),
        "deals",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_close_order_id"),
        "deals",
        ["tenant_id", "close_order", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_created_at_id"),
        "deals",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_customer_id_created_at_id"),
        "deals",
        ["tenant_id", "customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_owner_id_created_at_id"),
        "deals",
        ["tenant_id", "owner_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_sort_name_id"),
        "deals",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_stage_id_created_at_id"),
        "deals",
        ["tenant_id", "stage_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_status_created_at_id"),
        "deals",
        ["tenant_id", "status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_updated_at_id"),
        "deals",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deals_tenant_id_value_order_id"),
        "deals",
        ["tenant_id", "value_order", "id"],
        unique=False,
    )


def _beside() -> None:
    op.create_table(
        "deal_collaborators",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_deal_collaborators_tenant_id_deal_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_deal_collaborators_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "user_id", "deal_id", name=op.f("pk_deal_collaborators")
        ),
    )
    op.create_index(
        op.f("ix_deal_collaborators_tenant_id_deal_id"),
        "deal_collaborators",
        ["tenant_id", "deal_id"],
        unique=False,
    )
    op.create_table(
        "deal_contacts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_deal_contacts_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_deal_contacts_tenant_id_deal_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "deal_id", name=op.f("pk_deal_contacts")
        ),
    )
    op.create_index(
        op.f("ix_deal_contacts_tenant_id_deal_id"),
        "deal_contacts",
        ["tenant_id", "deal_id"],
        unique=False,
    )


def _stays() -> None:
    op.create_table(
        "stage_stays",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("from_stage_id", sa.Uuid(), nullable=True),
        sa.Column("kind", _one_of("stagekind", "open", "won", "lost"), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("entered_at", AT, nullable=False),
        sa.Column("left_at", AT, nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("base_amount", sa.Numeric(precision=15, scale=3), nullable=True),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind = 'open' OR left_at = entered_at", name=op.f("ck_stage_stays_closed_at_once")
        ),
        sa.CheckConstraint(
            "NOT skipped OR left_at = entered_at", name=op.f("ck_stage_stays_skipped_at_once")
        ),
        sa.CheckConstraint("left_at >= entered_at", name=op.f("ck_stage_stays_left_after_it_came")),
        sa.CheckConstraint(
            "num_nonnulls(amount, currency) IN (0, 2)",
            name=op.f("ck_stage_stays_amount_of_a_currency"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(base_amount, base_currency) IN (0, 2)",
            name=op.f("ck_stage_stays_base_of_a_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_stage_stays_tenant_id_deal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "pipeline_id", "stage_id"],
            ["stages.tenant_id", "stages.pipeline_id", "stages.id"],
            name=op.f("fk_stage_stays_tenant_id_pipeline_id_stage_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stage_stays")),
    )
    op.create_index(
        op.f("ix_stage_stays_tenant_id_pipeline_id_entered_at"),
        "stage_stays",
        ["tenant_id", "pipeline_id", "entered_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_stage_stays_tenant_id_pipeline_id_left_at"),
        "stage_stays",
        ["tenant_id", "pipeline_id", "left_at"],
        unique=False,
    )
    op.create_index(
        "uq_stage_stays_deal_id_number",
        "stage_stays",
        ["tenant_id", "deal_id", "number"],
        unique=True,
    )
    op.create_index(
        "uq_stage_stays_open",
        "stage_stays",
        ["tenant_id", "deal_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _reports() -> None:
    op.create_index(
        "ix_deals_open_by_close",
        "deals",
        ["tenant_id", "expected_close_on"],
        postgresql_where=sa.text("status = 'open' AND state = 'live'"),
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
    op.create_index(
        "ix_deals_won_by_close",
        "deals",
        ["tenant_id", "closed_at"],
        postgresql_where=sa.text("status = 'won' AND state = 'live'"),
        postgresql_include=[
            "owner_id",
            "business_unit_id",
            "pipeline_id",
            "base_amount",
            "base_currency",
        ],
    )
    op.create_table(
        "quotas",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("period", _one_of("quotaperiod", "month", "quarter", "year"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_quotas_something_to_win")),
        sa.CheckConstraint(
            "starts_on = date_trunc(period, starts_on::timestamp)::date",
            name=op.f("ck_quotas_whole_periods"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_quotas_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_quotas_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quotas")),
    )
    op.create_index(
        op.f("ix_quotas_tenant_id_business_unit_id_created_at_id"),
        "quotas",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quotas_tenant_id_created_at_id"),
        "quotas",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_quotas_tenant_id_user_id_created_at_id"),
        "quotas",
        ["tenant_id", "user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_quotas_period",
        "quotas",
        ["tenant_id", "period", "starts_on", "user_id", "business_unit_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
