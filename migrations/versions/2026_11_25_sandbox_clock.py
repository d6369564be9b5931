"""sandbox clock"""

import sqlalchemy as sa
from alembic import op

revision = "8d5a4ebc6f37"
down_revision = "6b3e2c9a4d15"
COLUMN = sa.Column("clock_advanced_seconds", sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column("tenant_settings", COLUMN)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("tenant_settings", COLUMN.name)
