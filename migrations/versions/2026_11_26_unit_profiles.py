"""unit profiles"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "c3e91f6a2d58"
down_revision = "f3acf59405e0"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TABLES = ("grade_schemes", "unit_profiles", "unit_profile_collaborators")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _grade_schemes()
    _unit_profiles()
    _collaborators()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _grade_schemes() -> None:
    op.create_table(
        "grade_schemes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("grades", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            _one_of("gradeschemestate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        *_entity(),
        _to("grade_schemes", "business_unit_id", "business_units"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_grade_schemes")),
    )
    _index("grade_schemes", "created_at", "id")
    _index("grade_schemes", "business_unit_id", "created_at", "id")
    op.create_index(
        "uq_grade_schemes_live_business_unit_id",
        "grade_schemes",
        ["tenant_id", "business_unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
        postgresql_nulls_not_distinct=True,
    )


def _unit_profiles() -> None:
    op.create_table(
        "unit_profiles",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("collaborator_ids", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("grade_scheme_id", sa.Uuid(), nullable=True),
        sa.Column("grade_source", _one_of("gradesource", "manual"), nullable=True),
        sa.Column("grade_expires_at", AT, nullable=True),
        sa.Column(
            "lifecycle",
            _one_of("lifecycle", "prospect", "active", "dormant", "lost", "blocked"),
            server_default="prospect",
            nullable=False,
        ),
        sa.Column("lifecycle_before", sa.Text(), nullable=True),
        sa.Column("lifecycle_reason", sa.Text(), nullable=True),
        sa.Column("lifecycle_changed_at", AT, nullable=False),
        sa.Column("credit_limit", sa.Numeric(15, 3), nullable=True),
        sa.Column("credit_currency", sa.Text(), nullable=True),
        sa.Column("credit_days", sa.Integer(), nullable=True),
        sa.Column("last_contact_at", AT, nullable=True),
        *_entity(),
        *_checks(),
        _to("unit_profiles", "customer_id", "customers"),
        _to("unit_profiles", "business_unit_id", "business_units"),
        _to("unit_profiles", "owner_id", "users"),
        _to("unit_profiles", "grade_scheme_id", "grade_schemes"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_unit_profiles")),
    )
    for first in ((), ("business_unit_id",), ("owner_id",), ("grade",), ("lifecycle",)):
        _index("unit_profiles", *first, "created_at", "id")
    _index("unit_profiles", "updated_at", "id")
    op.create_index(
        "uq_unit_profiles_customer_id_business_unit_id",
        "unit_profiles",
        ["tenant_id", "customer_id", "business_unit_id"],
        unique=True,
    )


def _checks() -> list[sa.CheckConstraint]:
    checks = {
        "grade_is_of_one": "num_nonnulls(grade, grade_scheme_id, grade_source) IN (0, 3)",
        "only_a_grade_expires": "grade_expires_at IS NULL OR grade IS NOT NULL",
        "blocked_remembers": "(lifecycle = 'blocked') = (lifecycle_before IS NOT NULL)",
        "goes_back": "lifecycle_before IN ('prospect', 'active', 'dormant', 'lost')",
        "limit_has_a_currency": "num_nonnulls(credit_limit, credit_currency) IN (0, 2)",
        "no_negative_limit": "credit_limit >= 0",
        "days_of_ten_years": "credit_days BETWEEN 0 AND 3650",
    }
    return [
        sa.CheckConstraint(check, name=op.f(f"ck_unit_profiles_{name}"))
        for name, check in checks.items()
    ]


def _collaborators() -> None:
    table = "unit_profile_collaborators"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unit_profile_id", sa.Uuid(), nullable=False),
        _to(table, "user_id", "users"),
        _to(table, "unit_profile_id", "unit_profiles", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "user_id", "unit_profile_id", name=op.f(f"pk_{table}")
        ),
    )
    _index(table, "unit_profile_id")


def _entity() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
    ]


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
        ondelete=ondelete,
    )


def _index(table: str, *columns: str) -> None:
    name = "_".join(["ix", table, "tenant_id", *columns])
    op.create_index(op.f(name), table, ["tenant_id", *columns])


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
