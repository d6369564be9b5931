"""rate limits"""

import sqlalchemy as sa
from alembic import op

from crm_api.kit import tenancy

revision = "7c4f3dab5e26"
down_revision = "5a2d1b8f3c04"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "rate_limits",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("span", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject_id", name=op.f("pk_rate_limits")),
        prefixes=["UNLOGGED"],
    )
    for statement in tenancy.protect("rate_limits"):
        op.execute(statement)
    op.execute("ALTER ROLE crm_app SET client_connection_check_interval = '500ms'")
    op.add_column("tenants", sa.Column("rate_limit", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER ROLE crm_app RESET client_connection_check_interval")
    op.drop_column("tenants", "rate_limit")
    op.drop_table("rate_limits")
