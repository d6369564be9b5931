"""ties and macros"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d17e4b9c6a20"
down_revision = "c4a83e91d5f7"

JSONB = postgresql.JSONB()


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _tickets()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("tickets", "links")
    op.drop_column("tickets", "merged_count")
    op.drop_column("tickets", "split_from_id")


def _tickets() -> None:
    op.add_column("tickets", sa.Column("split_from_id", sa.Uuid(), nullable=True))
    op.add_column(
        "tickets", sa.Column("merged_count", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("tickets", sa.Column("links", JSONB, server_default="[]", nullable=False))
    op.create_check_constraint(op.f("ck_tickets_merged_some_times"), "tickets", "merged_count >= 0")
    op.create_check_constraint(
        op.f("ck_tickets_not_split_from_itself"), "tickets", "split_from_id <> id"
    )
    op.create_foreign_key(
        op.f("fk_tickets_tenant_id_split_from_id"),
        "tickets",
        "tickets",
        ["tenant_id", "split_from_id"],
        ["tenant_id", "id"],
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_split_from_id_created_at_id"),
        "tickets",
        ["tenant_id", "split_from_id", "created_at", "id"],
        unique=False,
    )
