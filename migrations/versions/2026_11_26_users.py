"""users"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import search, tenancy

revision = "8b5df325d549"
down_revision = "0c8e5a71d3f6"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("employee_number", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            _one_of("userstate", "invited", "active", "suspended", "departed", "revoked"),
            server_default="invited",
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("search_pieces", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "subject_id IS NULL OR state NOT IN ('invited', 'revoked')",
            name=op.f("ck_users_nobody_waits_linked"),
        ),
        sa.CheckConstraint("manager_id <> id", name=op.f("ck_users_not_their_own_manager")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_users_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "manager_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_users_tenant_id_manager_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subjects.tenant_id", "subjects.id"],
            name=op.f("fk_users_tenant_id_subject_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_users")),
    )
    op.create_index("ix_users_search_pieces", "users", ["search_pieces"], postgresql_using="gin")
    op.create_index(
        op.f("ix_users_tenant_id_business_unit_id_created_at_id"),
        "users",
        ["tenant_id", "business_unit_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_users_tenant_id_created_at_id"), "users", ["tenant_id", "created_at", "id"]
    )
    op.create_index(
        op.f("ix_users_tenant_id_manager_id_created_at_id"),
        "users",
        ["tenant_id", "manager_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_users_tenant_id_sort_name_id"), "users", ["tenant_id", "sort_name", "id"]
    )
    op.create_index(
        op.f("ix_users_tenant_id_state_created_at_id"),
        "users",
        ["tenant_id", "state", "created_at", "id"],
    )
    op.create_index(op.f("ix_users_tenant_id_subject_id"), "users", ["tenant_id", "subject_id"])
    op.create_index(
        "uq_users_present_email",
        "users",
        ["tenant_id", "email"],
        unique=True,
        postgresql_where=sa.text(
            "state <> 'departed' AND state <> 'revoked' AND email IS NOT NULL"
        ),
    )
    op.create_index(
        "uq_users_present_employee_number",
        "users",
        ["tenant_id", "employee_number"],
        unique=True,
        postgresql_where=sa.text(
            "state <> 'departed' AND state <> 'revoked' AND employee_number IS NOT NULL"
        ),
    )
    op.create_index(
        "uq_users_present_subject_id",
        "users",
        ["tenant_id", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'departed' AND subject_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_subjects_tenant_id_issuer_subject"), "subjects", ["tenant_id", "issuer", "subject"]
    )
    for statement in (*search.create_search("users"), *tenancy.protect("users")):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in search.drop_search("users"):
        op.execute(statement)
    op.drop_table("users")
    op.drop_index("ix_subjects_tenant_id_issuer_subject", "subjects")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
