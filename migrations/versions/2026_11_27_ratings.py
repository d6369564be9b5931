"""ratings"""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "e19b04c7d2a6"
down_revision = "d17e4b9c6a20"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TABLES = ("rating_policies", "ratings", "rating_turns", "rating_links")
CHECKS = {
    "score_on_its_scale": (
        "CASE kind WHEN 'csat' THEN score BETWEEN 1 AND 5 ELSE score BETWEEN 0 AND 10 END"
    ),
    "answered_with_a_score": (
        "num_nonnulls(score, answered_at, answered_by) "
        "= CASE state WHEN 'answered' THEN 3 ELSE 0 END"
    ),
    "suppressed_for_a_reason": "(state = 'suppressed') = (reason IS NOT NULL)",
    "asked_for_some_time": (
        "state NOT IN ('sent', 'expired') OR num_nonnulls(asked_at, expires_at) = 2"
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _rating_policies()
    _ratings()
    _rating_turns()
    _rating_links()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _kind() -> sa.Enum:
    return _one_of("ratingkind", "csat", "nps")


def _ids() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _times() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
    ]


def _refers(table: str, named: Mapping[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{there}.tenant_id", f"{there}.id"],
            name=op.f(f"fk_{table}_tenant_id_{column}"),
        )
        for column, there in named.items()
    ]


def _indexes(table: str, *listed: tuple[str, ...]) -> None:
    for named in listed:
        columns = ["tenant_id", *named, "id"]
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)


def _rating_policies() -> None:
    op.create_table(
        "rating_policies",
        *_ids(),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("delay_hours", sa.Integer(), nullable=False),
        sa.Column("expires_after_days", sa.Integer(), nullable=False),
        sa.Column("fatigue_days", sa.Integer(), nullable=False),
        sa.Column(
            "detractors", _one_of("consequence", "nothing", "flag", "reopen"), nullable=False
        ),
        *_times(),
        sa.CheckConstraint(
            "delay_hours >= 0 AND expires_after_days > 0 AND fatigue_days >= 0",
            name=op.f("ck_rating_policies_some_time"),
        ),
        *_refers("rating_policies", {"business_unit_id": "business_units"}),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rating_policies")),
    )
    _indexes("rating_policies", ("created_at",), ("business_unit_id", "created_at"))
    op.create_index(
        "uq_rating_policies_business_unit_id",
        "rating_policies",
        ["tenant_id", "business_unit_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def _ratings() -> None:
    states = ("queued", "sent", "answered", "expired", "suppressed")
    types = ("question", "problem", "request", "complaint")
    reasons = ("asked_lately", "not_resolved", "disabled")
    named = {
        "ticket_id": "tickets",
        "customer_id": "customers",
        "business_unit_id": "business_units",
        "assignee_id": "users",
        "user_id": "users",
    }
    op.create_table(
        "ratings",
        *_ids(),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("type", _one_of("tickettype", *types), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column(
            "state", _one_of("ratingstate", *states), server_default="queued", nullable=False
        ),
        sa.Column("reason", _one_of("unasked", *reasons), nullable=True),
        *(sa.Column(at, AT) for at in ("asks_at", "asked_at", "expires_at", "answered_at")),
        sa.Column("answered_by", _one_of("answer", "link", "phone"), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("is_flagged", sa.Boolean(), server_default="false", nullable=False),
        *_times(),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_ratings_{n}")) for n, rule in CHECKS.items()),
        *_refers("ratings", named),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ratings")),
    )
    listed = ("ticket_id", "customer_id", "business_unit_id", "assignee_id", "state", "is_flagged")
    by_creation = [(*column, "created_at") for column in ((), *((name,) for name in listed))]
    _indexes("ratings", *by_creation, ("asked_at",))
    op.create_index(
        "uq_ratings_ticket_id", "ratings", ["tenant_id", "ticket_id", "resolution"], unique=True
    )


def _rating_turns() -> None:
    op.create_table(
        "rating_turns",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        *_refers("rating_turns", {"customer_id": "customers"}),
        sa.PrimaryKeyConstraint("tenant_id", "customer_id", name=op.f("pk_rating_turns")),
    )


def _rating_links() -> None:
    op.create_table(
        "rating_links",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        *_refers("rating_links", {"rating_id": "ratings"}),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_rating_links")),
    )
    op.create_index(
        op.f("ix_rating_links_tenant_id_rating_id"), "rating_links", ["tenant_id", "rating_id"]
    )
