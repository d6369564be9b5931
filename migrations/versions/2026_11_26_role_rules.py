"""role rules"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "5d0b83e6f21c"
down_revision = "b83d5f0e6a17"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TABLE = "role_rules"
NAMED = {
    "identity_provider_id": "identity_providers",
    "role_id": "roles",
    "business_unit_id": "business_units",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity_provider_id", sa.Uuid(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        *(_to(column, other) for column, other in NAMED.items()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_role_rules")),
    )
    for first in ((), *((column,) for column in NAMED)):
        columns = ["tenant_id", *first, "created_at", "id"]
        op.create_index(op.f("_".join(["ix", TABLE, *columns])), TABLE, columns)
    op.create_index(
        "uq_role_rules_rule",
        TABLE,
        ["tenant_id", "identity_provider_id", "value", "claim", "role_id", "business_unit_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    for statement in tenancy.protect(TABLE):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table(TABLE)


def _to(column: str, other: str) -> sa.Constraint:
    """Rules are configuration, and go with their provider."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{TABLE}_tenant_id_{column}"),
        ondelete="CASCADE" if other == "identity_providers" else None,
    )
