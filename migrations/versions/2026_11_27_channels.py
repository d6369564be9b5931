"""channels"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "c4a83e91d5f7"
down_revision = "81c0de5a71c4"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
CHECKS = {
    "mail_has_an_address": "kind <> 'email' OR address IS NOT NULL",
    "only_mail": "kind IN ('email', 'web_form') OR num_nonnulls(address, smtp) = 0",
    "mail_is_from_an_address": "smtp IS NULL OR address IS NOT NULL",
    "password_of_a_server": "smtp_password IS NULL OR smtp IS NOT NULL",
    "only_requests": "kind IN ('web_chat', 'wechat') OR outbound_url IS NULL",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "channels",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            _one_of("channelkind", "email", "web_form", "web_chat", "wechat"),
            nullable=False,
        ),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("smtp", JSONB, nullable=True),
        sa.Column("smtp_password", sa.Text(), nullable=True),
        sa.Column("outbound_url", sa.Text(), nullable=True),
        sa.Column("auto_ack", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("inbound_key", sa.Text(), nullable=False),
        sa.Column("secrets", JSONB, nullable=False),
        sa.Column("old_secrets_until", AT, nullable=True),
        sa.Column(
            "state",
            _one_of("channelstate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_channels_{n}")) for n, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_channels_tenant_id_business_unit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_channels")),
    )
    _indexes()
    for statement in tenancy.protect("channels"):
        op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("channels")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _indexes() -> None:
    for named in ((), ("kind",), ("business_unit_id",), ("address",)):
        columns = ["tenant_id", *named, "created_at", "id"]
        op.create_index(op.f(f"ix_channels_{'_'.join(columns)}"), "channels", columns)
    op.create_index("uq_channels_name", "channels", ["tenant_id", "name"], unique=True)
    op.create_index(
        "uq_channels_address",
        "channels",
        ["tenant_id", "address"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND kind = 'email'"),
    )
