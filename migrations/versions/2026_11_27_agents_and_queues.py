"""agents and queues"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.search import create_search, drop_search
from crm_api.platform.roles.refreshing import refresh

revision = "ac525f1c9a79"
down_revision = "b1d5f20c9a37"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TABLES = ("agents", "agent_loads", "queues", "queue_members", "routing_rules")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for create in (_agents, _agent_loads, _queues, _queue_members, _routing_rules):
        create()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    for statement in create_search("queues"):
        op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in drop_search("queues"):
        op.execute(statement)
    for table in reversed(TABLES):
        op.drop_table(table)


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column(
            "presence",
            _one_of("presence", "online", "away", "offline"),
            server_default="offline",
            nullable=False,
        ),
        sa.Column(
            "state",
            _one_of("agentstate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint("capacity BETWEEN 0 AND 1000", name=op.f("ck_agents_capacity_in_range")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_agents_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_agents")),
    )
    op.create_index(
        op.f("ix_agents_tenant_id_created_at_id"),
        "agents",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_agents_tenant_id_presence_created_at_id"),
        "agents",
        ["tenant_id", "presence", "created_at", "id"],
        unique=False,
    )
    op.create_index("uq_agents_user_id", "agents", ["tenant_id", "user_id"], unique=True)


def _agent_loads() -> None:
    op.create_table(
        "agent_loads",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("load", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turn", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_taken_at", AT, nullable=True),
        sa.CheckConstraint("load >= 0", name=op.f("ck_agent_loads_no_negative_load")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "agent_id"],
            ["agents.tenant_id", "agents.id"],
            name=op.f("fk_agent_loads_tenant_id_agent_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "agent_id", name=op.f("pk_agent_loads")),
    )
    op.create_index(
        op.f("ix_agent_loads_tenant_id_turn"), "agent_loads", ["tenant_id", "turn"], unique=False
    )


def _queues() -> None:
    op.create_table(
        "queues",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "strategy", _one_of("strategy", "round_robin", "least_load", "manual"), nullable=False
        ),
        sa.Column("member_ids", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "state",
            _one_of("queuestate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("search_pieces", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_queues_tenant_id_business_unit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_queues")),
    )
    op.create_index(
        "ix_queues_search_pieces", "queues", ["search_pieces"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        op.f("ix_queues_tenant_id_business_unit_id_created_at_id"),
        "queues",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_queues_tenant_id_created_at_id"),
        "queues",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_queues_tenant_id_sort_name_id"),
        "queues",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_index(
        "uq_queues_default",
        "queues",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND is_default"),
    )
    op.create_index("uq_queues_name", "queues", ["tenant_id", "name"], unique=True)


def _queue_members() -> None:
    op.create_table(
        "queue_members",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "agent_id"],
            ["agents.tenant_id", "agents.id"],
            name=op.f("fk_queue_members_tenant_id_agent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "queue_id"],
            ["queues.tenant_id", "queues.id"],
            name=op.f("fk_queue_members_tenant_id_queue_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "agent_id", "queue_id", name=op.f("pk_queue_members")),
    )
    op.create_index(
        op.f("ix_queue_members_tenant_id_queue_id"),
        "queue_members",
        ["tenant_id", "queue_id"],
        unique=False,
    )


def _routing_rules() -> None:
    op.create_table(
        "routing_rules",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("conditions", postgresql.JSONB(), nullable=True),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_routing_rules_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "queue_id"],
            ["queues.tenant_id", "queues.id"],
            name=op.f("fk_routing_rules_tenant_id_queue_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_routing_rules")),
    )
    op.create_index(
        op.f("ix_routing_rules_tenant_id_business_unit_id_created_at_id"),
        "routing_rules",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_routing_rules_tenant_id_created_at_id"),
        "routing_rules",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_routing_rules_tenant_id_queue_id_created_at_id"),
        "routing_rules",
        ["tenant_id", "queue_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_routing_rules_position", "routing_rules", ["tenant_id", "position"], unique=True
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
