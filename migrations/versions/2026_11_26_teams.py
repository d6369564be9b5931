"""teams"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import search, tenancy

revision = "f3acf59405e0"
down_revision = "8b5df325d549"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "teams",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("member_ids", TEXTS, server_default="{}", nullable=False),
        sa.Column(
            "state", _one_of("teamstate", "live", "archived"), server_default="live", nullable=False
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
            name=op.f("fk_teams_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lead_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_teams_tenant_id_lead_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_teams")),
    )
    op.create_index("ix_teams_search_pieces", "teams", ["search_pieces"], postgresql_using="gin")
    op.create_index(
        op.f("ix_teams_tenant_id_business_unit_id_created_at_id"),
        "teams",
        ["tenant_id", "business_unit_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_teams_tenant_id_created_at_id"), "teams", ["tenant_id", "created_at", "id"]
    )
    op.create_index(
        op.f("ix_teams_tenant_id_lead_id_created_at_id"),
        "teams",
        ["tenant_id", "lead_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_teams_tenant_id_sort_name_id"), "teams", ["tenant_id", "sort_name", "id"]
    )
    op.create_table(
        "team_members",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"],
            ["teams.tenant_id", "teams.id"],
            name=op.f("fk_team_members_tenant_id_team_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_team_members_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "team_id", name=op.f("pk_team_members")),
    )
    op.create_index(
        op.f("ix_team_members_tenant_id_team_id"), "team_members", ["tenant_id", "team_id"]
    )
    for statement in search.create_search("teams"):
        op.execute(statement)
    for table in ("teams", "team_members"):
        for statement in tenancy.protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in search.drop_search("teams"):
        op.execute(statement)
    for table in ("team_members", "teams"):
        op.drop_table(table)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
