"""numbers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "71d2c5e08b3f"
down_revision = "5c0d93be7a16"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _patterns()
    op.create_table(
        "number_counters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "noun", "form", "begins_on", name=op.f("pk_number_counters")
        ),
    )
    op.create_index(
        op.f("ix_number_counters_tenant_id_noun_form_taken_on"),
        "number_counters",
        ["tenant_id", "noun", "form", "taken_on"],
    )
    for table in ("number_patterns", "number_counters"):
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("number_counters")
    op.drop_table("number_patterns")


def _patterns() -> None:
    restarts = ("never", "year", "month", "day")
    op.create_table(
        "number_patterns",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column(
            "restarts",
            sa.Enum(
                *restarts, name="restarts", native_enum=False, length=40, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_number_patterns_tenant_id_business_unit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_number_patterns")),
    )
    for columns in ([], ["noun"], ["business_unit_id"]):
        whole = ["tenant_id", *columns, "created_at", "id"]
        name = f"ix_number_patterns_{'_'.join(whole)}"
        op.create_index(op.f(name), "number_patterns", whole)
    op.create_index(
        "uq_number_patterns_noun_business_unit_id",
        "number_patterns",
        ["tenant_id", "noun", "business_unit_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
