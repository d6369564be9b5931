"""webhook deliveries"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "0c8e5a71d3f6"
down_revision = "a9d3e5f17c20"
AT = postgresql.TIMESTAMP(timezone=True, precision=3)
JSONB = postgresql.JSONB(astext_type=sa.Text())
STATES = ("pending", "retrying", "delivered", "dead", "blocked", "paused", "cancelled")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column(
        "webhook_endpoints",
        sa.Column("passed_over", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES, name="deliverystate", native_enum=False, length=40, create_constraint=True
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("seen", JSONB, nullable=False),
        sa.Column("rendered_again", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempt_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", AT, nullable=True),
        sa.Column("delivered_at", AT, nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhook_deliveries")),
    )
    for columns in (
        ["endpoint_id", "created_at", "id"],
        ["endpoint_id", "state", "created_at", "id"],
        ["created_at", "id"],
    ):
        name = f"ix_webhook_deliveries_tenant_id_{'_'.join(columns)}"
        op.create_index(op.f(name), "webhook_deliveries", ["tenant_id", *columns])
    op.create_index(
        "uq_webhook_deliveries_event",
        "webhook_deliveries",
        ["tenant_id", "endpoint_id", "event_id"],
        unique=True,
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "delivery_id", "number", name=op.f("pk_webhook_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["webhook_deliveries.tenant_id", "webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_tenant_id_delivery_id"),
            ondelete="CASCADE",
        ),
    )
    for table in ("webhook_deliveries", "webhook_attempts"):
        for statement in tenancy.protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("webhook_attempts")
    op.drop_table("webhook_deliveries")
    op.drop_column("webhook_endpoints", "passed_over")
