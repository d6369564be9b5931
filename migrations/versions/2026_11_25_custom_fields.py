"""custom fields"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "c3f8a1d4e605"
down_revision = "9b1e6f2d7c38"

TABLES = ("custom_fields", "custom_uniques", "custom_values")
KINDS = (
    "text",
    "number",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "select",
    "multi_select",
    "reference",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column(
        "customers", sa.Column("custom", postgresql.JSONB(), server_default="{}", nullable=False)
    )
    op.create_table(
        "custom_fields",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", _one_of("kind", *KINDS), nullable=False),
        sa.Column(
            "state",
            _one_of("fieldstate", "live", "retired", "purging"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("labels", postgresql.JSONB(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("reference_to", sa.Text(), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("unique", sa.Boolean(), nullable=False),
        sa.Column("indexed", sa.Boolean(), nullable=False),
        sa.Column(
            "sensitivity", _one_of("sensitivity", "none", "personal", "secret"), nullable=False
        ),
        sa.Column("max_length", sa.Integer(), nullable=True),
        sa.Column("default", postgresql.JSONB(), nullable=True),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("purged_records", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_custom_fields")),
    )
    op.create_index(
        "ix_custom_fields_tenant_id_created_at_id",
        "custom_fields",
        ["tenant_id", "created_at", "id"],
    )
    op.create_index(
        "uq_custom_fields_key", "custom_fields", ["tenant_id", "resource", "key"], unique=True
    )
    op.create_table(
        "custom_values",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "field_id", "value", "object_id", name=op.f("pk_custom_values")
        ),
    )
    op.create_index(
        "ix_custom_values_tenant_id_object_id_field_id",
        "custom_values",
        ["tenant_id", "object_id", "field_id"],
    )
    op.create_table(
        "custom_uniques",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "resource", "key", "value", name=op.f("pk_custom_uniques")
        ),
    )
    op.create_index(
        "ix_custom_uniques_tenant_id_object_id", "custom_uniques", ["tenant_id", "object_id"]
    )
    for table in TABLES:
        execute(tenancy.protect(table))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("customers", "custom")


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
