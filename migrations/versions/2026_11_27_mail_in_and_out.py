"""mail in and out"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.platform.roles.refreshing import refresh

revision = "e85c1d07b3f2"
down_revision = "e19b04c7d2a6"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
CHECKS = {
    "answers_are_delivered": "delivery IS NULL OR (direction = 'out' AND is_public AND "
    "channel_id IS NOT NULL)",
    "sent_some_time": "(delivery = 'sent') = (delivered_at IS NOT NULL)",
}
NAMES = (
    "address",
    "is_automatic",
    "delivery",
    "delivery_attempts",
    "delivery_error",
    "delivered_at",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for column in _columns():
        op.add_column("ticket_messages", column)
    op.create_check_constraint(
        op.f("ck_ticket_messages_delivery"),
        "ticket_messages",
        "delivery IN ('queued', 'sent', 'failed')",
    )
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_ticket_messages_{name}"), "ticket_messages", rule)
    op.create_index(
        "ix_ticket_messages_address",
        "ticket_messages",
        ["tenant_id", "channel_id", "address", "id"],
        postgresql_where=sa.text("address IS NOT NULL"),
    )
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for name in reversed(NAMES):
        op.drop_column("ticket_messages", name)


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "delivery",
            sa.Enum("queued", "sent", "failed", name="delivery", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("delivery_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivery_error", sa.Text(), nullable=True),
        sa.Column("delivered_at", AT, nullable=True),
    )
