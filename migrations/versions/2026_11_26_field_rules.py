"""field rules"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.platform.roles.refreshing import refresh

revision = "3b8d51f7c0e6"
down_revision = "5d0b83e6f21c"

ASKERS = ("jobs", "webhook_endpoints")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    fields = sa.Column("fields", postgresql.JSONB(), server_default="[]", nullable=False)
    op.add_column("roles", fields)
    for table in ASKERS:
        masks = sa.Column("masks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False)
        op.add_column(table, masks)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(ASKERS):
        op.drop_column(table, "masks")
    op.drop_column("roles", "fields")
