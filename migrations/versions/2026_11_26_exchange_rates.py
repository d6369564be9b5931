"""exchange rates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "a4c7e1902d5b"
down_revision = "3b8d51f7c0e6"

TIME = postgresql.TIMESTAMP(timezone=True, precision=3)
LISTED = (
    ["created_at", "id"],
    ["valid_from_on", "id"],
    ["currency", "valid_from_on", "id"],
    ["base_currency", "valid_from_on", "id"],
)
KEY = ["currency", "base_currency", "valid_from_on"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "exchange_rates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(22, 10), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rates_positive")),
        sa.CheckConstraint(
            "currency <> base_currency", name=op.f("ck_exchange_rates_two_currencies")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_exchange_rates")),
    )
    for columns in LISTED:
        name = f"ix_exchange_rates_{'_'.join(['tenant_id', *columns])}"
        op.create_index(name, "exchange_rates", ["tenant_id", *columns])
    name = f"uq_exchange_rates_{'_'.join(KEY)}"
    op.create_index(name, "exchange_rates", ["tenant_id", *KEY], unique=True)
    for statement in tenancy.protect("exchange_rates"):
        op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("exchange_rates")
