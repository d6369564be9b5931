"""what customers are asked for by"""

import sqlalchemy as sa
from alembic import op

revision = "9b1e6f2d7c38"
down_revision = "7c4f3dab5e26"
ASKED = ("kind", "source", "parent_id")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for column in ASKED:
        name = f"ix_customers_tenant_id_{column}_created_at_id"
        op.create_index(name, "customers", ["tenant_id", column, "created_at", "id"])
    op.drop_index("ix_customers_tenant_id_parent_id", table_name="customers")
    op.create_index(
        "ix_customers_archived",
        "customers",
        ["tenant_id", "created_at", "id"],
        postgresql_where=sa.text("state = 'archived'"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_index("ix_customers_archived", table_name="customers")
    op.create_index("ix_customers_tenant_id_parent_id", "customers", ["tenant_id", "parent_id"])
    for column in ASKED:
        op.drop_index(f"ix_customers_tenant_id_{column}_created_at_id", table_name="customers")
