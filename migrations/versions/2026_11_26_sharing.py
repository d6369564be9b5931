"""sharing

The index over customers is built while everybody writes; whoever was held up begins again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "b83d5f0e6a17"
down_revision = "7c2f4e91d0ab"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TABLES = ("access_grants", "access_requests")
ARCHIVED_USCC = "ix_customers_archived_uscc"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '2s'")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {ARCHIVED_USCC}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {ARCHIVED_USCC} ON customers (tenant_id, uscc) "
            "WHERE state = 'archived' AND uscc IS NOT NULL"
        )
        op.execute("RESET lock_timeout")
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column(
        "tenant_settings",
        sa.Column("tells_known_to_group", sa.Boolean(), server_default="false", nullable=False),
    )
    _grants()
    _requests()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("tenant_settings", "tells_known_to_group")
    op.drop_index(ARCHIVED_USCC, "customers")


def _grants() -> None:
    table = "access_grants"
    op.create_table(
        table,
        *_begin(),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        *_terms(),
        _state("accessgrantstate", "active", "revoked", "expired"),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        *_entity(),
        _to(table, "customer_id", "customers"),
        _to(table, "business_unit_id", "business_units"),
        _to(table, "user_id", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "user_id")


def _requests() -> None:
    table = "access_requests"
    op.create_table(
        table,
        *_begin(),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        *_terms(),
        _state("accessrequeststate", "pending", "approved", "rejected", "withdrawn", "expired"),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("access_grant_id", sa.Uuid(), nullable=True),
        *_entity(),
        sa.CheckConstraint(
            "(state = 'approved') = (access_grant_id IS NOT NULL)",
            name=op.f(f"ck_{table}_approved_gives"),
        ),
        _to(table, "customer_id", "customers"),
        _to(table, "business_unit_id", "business_units"),
        _to(table, "requester_id", "users"),
        _to(table, "decider_id", "users"),
        _to(table, "access_grant_id", "access_grants"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    _indexes(table, "requester_id")
    op.create_index(
        "uq_access_requests_pending",
        table,
        ["tenant_id", "customer_id", "business_unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )


def _begin() -> list[sa.Column[object]]:
    names = ("tenant_id", "id", "customer_id", "business_unit_id")
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in names]


def _terms() -> list[sa.Column[object]]:
    bases = ("separate_consent", "joint_handling", "entrusted", "contract")
    return [
        sa.Column("level", _one_of("accesslevel", "read", "write"), nullable=False),
        sa.Column("until", AT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("basis", _one_of("basis", *bases), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
    ]


def _state(name: str, first: str, *others: str) -> sa.Column[object]:
    states = _one_of(name, first, *others)
    return sa.Column("state", states, server_default=first, nullable=False)


def _entity() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
    ]


def _to(table: str, column: str, other: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _indexes(table: str, user: str) -> None:
    for first in ((), ("customer_id",), ("business_unit_id",), (user,), ("state",)):
        columns = ["tenant_id", *first, "created_at", "id"]
        op.create_index(op.f("_".join(["ix", table, *columns])), table, columns)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
