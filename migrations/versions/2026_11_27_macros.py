"""macros"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.search import create_search, drop_search
from crm_api.platform.roles.refreshing import refresh

revision = "d17e4b9c6a20"
down_revision = "c82e5d01f7a4"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _macros()
    for statement in tenancy.protect("macros"):
        op.execute(statement)
    for statement in create_search("macros"):
        op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in drop_search("macros"):
        op.execute(statement)
    op.drop_table("macros")


def _macros() -> None:
    op.create_table(
        "macros",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("actions", JSONB, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "archived",
                name="macrostate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
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
            name=op.f("fk_macros_tenant_id_business_unit_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_macros")),
    )
    for name, columns in (
        ("ix_macros_tenant_id_business_unit_id_created_at_id", "business_unit_id created_at id"),
        ("ix_macros_tenant_id_created_at_id", "created_at id"),
        ("ix_macros_tenant_id_sort_name_id", "sort_name id"),
    ):
        op.create_index(op.f(name), "macros", ["tenant_id", *columns.split()], unique=False)
    op.create_index(
        "ix_macros_search_pieces",
        "macros",
        ["search_pieces"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("uq_macros_name", "macros", ["tenant_id", "name"], unique=True)
