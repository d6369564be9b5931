"""webhooks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "f7b20d4c9a13"
down_revision = "f15b3c7d9a20"
AT = postgresql.TIMESTAMP(timezone=True, precision=3)
JSONB = postgresql.JSONB(astext_type=sa.Text())
TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "webhook_endpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("event_types", TEXTS, nullable=False),
        sa.Column("filter", JSONB, nullable=True),
        sa.Column("payload", _one_of("payload", "full", "thin"), nullable=False),
        sa.Column(
            "state", _one_of("endpointstate", "active", "degraded", "disabled"), nullable=False
        ),
        sa.Column(
            "disabled_reason",
            _one_of("disabledreason", "gone", "failing", "key_revoked", "filter_broken"),
            nullable=True,
        ),
        sa.Column("header_names", TEXTS, nullable=False),
        sa.Column("sealed_headers", sa.Text(), nullable=True),
        sa.Column("secrets", JSONB, nullable=False),
        sa.Column("old_secrets_until", AT, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("scopes", TEXTS, nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("starts_after", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", AT, nullable=True),
        sa.Column("not_before", AT, nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_endpoints")),
    )
    for columns in (["created_at", "id"], ["created_by"]):
        name = f"ix_webhook_endpoints_tenant_id_{'_'.join(columns)}"
        op.create_index(op.f(name), "webhook_endpoints", ["tenant_id", *columns])
    op.create_table(
        "webhook_cursors",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_webhook_cursors")),
    )
    for table in ("webhook_endpoints", "webhook_cursors"):
        for statement in tenancy.protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("webhook_cursors")
    op.drop_table("webhook_endpoints")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
