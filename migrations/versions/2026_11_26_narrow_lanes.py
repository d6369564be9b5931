"""narrow lanes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "5d0e7b1c94fa"
down_revision = "c3e91f6a2d58"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "narrow_lanes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Uuid(), nullable=False),
        sa.Column("abreast", sa.Integer(), nullable=False),
        sa.Column("not_before", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "lane", name=op.f("pk_narrow_lanes")),
    )
    for statement in tenancy.own("narrow_lanes"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("narrow_lanes")
