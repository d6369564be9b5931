"""tax rates"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.periods import one_at_a_time
from crm_api.platform.roles.refreshing import refresh

revision = "72b9a1f6c4d0"
down_revision = "71d2c5e08b3f"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "tax_rates",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(7, 4), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_tax_rates_in_percent")),
        sa.CheckConstraint(
            "valid_until_on > valid_from_on", name=op.f("ck_tax_rates_begins_before_it_ends")
        ),
        one_at_a_time("tax_rates", "tax_class", "region"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tax_rates")),
    )
    for columns in ([], ["tax_class"], ["region"]):
        whole = ["tenant_id", *columns, "created_at", "id"]
        op.create_index(op.f(f"ix_tax_rates_{'_'.join(whole)}"), "tax_rates", whole)
    for statement in tenancy.protect("tax_rates"):
        op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("tax_rates")
