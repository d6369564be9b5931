"""field rules"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.platform.roles import built_in

revision = "3b8d51f7c0e6"
down_revision = "7c2f4e91d0ab"

ASKERS = ("jobs", "webhook_endpoints")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    fields = sa.Column("fields", postgresql.JSONB(), server_default="[]", nullable=False)
    op.add_column("roles", fields)
    for table in ASKERS:
        masks = sa.Column("masks", sa.ARRAY(sa.Text()), server_default="{}", nullable=False)
        op.add_column(table, masks)
    _fill()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(ASKERS):
        op.drop_column(table, "masks")
    op.drop_column("roles", "fields")


def _fill() -> None:
    """What the roles keep from their holders that came with the product."""
    bind = op.get_bind()
    columns = (sa.column(name) for name in ("tenant_id", "code"))
    roles = sa.table("roles", *columns, sa.column("fields", postgresql.JSONB()))
    ruled = {role["code"]: role["fields"] for role in built_in.roles(()) if role["fields"]}
    for (tenant,) in bind.execute(sa.text("SELECT tenant_id FROM tenants")).all():
        bind.execute(
            sa.text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant)}
        )
        for code, fields in ruled.items():
            mine = roles.c.tenant_id == tenant, roles.c.code == code
            bind.execute(roles.update().where(*mine).values(fields=fields))
