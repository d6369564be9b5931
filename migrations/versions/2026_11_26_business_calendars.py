"""business calendars"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "f15b3c7d9a20"
down_revision = "b5c88dd10790"

JSONB = postgresql.JSONB(astext_type=sa.Text())
TIME = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "business_calendars",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("week", JSONB, nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("make_up_hours", JSONB, nullable=True),
        sa.Column("exceptions", JSONB, nullable=False),
        sa.Column("inherits_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("inherits_id <> id", name=op.f("ck_business_calendars_not_its_own")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inherits_id"],
            ["business_calendars.tenant_id", "business_calendars.id"],
            name=op.f("fk_business_calendars_tenant_id_inherits_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_business_calendars")),
    )
    for columns in (["created_at", "id"], ["inherits_id"]):
        name = f"ix_business_calendars_{'_'.join(['tenant_id', *columns])}"
        op.create_index(name, "business_calendars", ["tenant_id", *columns])
    for statement in tenancy.protect("business_calendars"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("business_calendars")
