"""deal lists"""

import sqlalchemy as sa
from alembic import op

revision = "5c0d93be7a16"
down_revision = "9e4b7d21c0f8"

LISTED_BY = ("pipeline_id", "stage", "forecast_category", "source")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for column in LISTED_BY:
        columns = ["tenant_id", column, "created_at", "id"]
        op.create_index(op.f(f"ix_deals_{'_'.join(columns)}"), "deals", columns, unique=False)
    op.create_index(
        "ix_deals_stale",
        "deals",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("stale_since IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_index("ix_deals_stale", table_name="deals")
    for column in LISTED_BY:
        op.drop_index(op.f(f"ix_deals_tenant_id_{column}_created_at_id"), table_name="deals")
