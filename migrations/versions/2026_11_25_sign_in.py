"""sign-in"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "3d7b9c2e8f41"
down_revision = "c3f8a1d4e605"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "issuer_index",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_issuer_index")),
    )
    op.create_table(
        "identity_providers",
        *_first_columns(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("subject_claim", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scope_rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *_last_columns(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_identity_providers")),
    )
    op.create_table(
        "subjects",
        *_first_columns(),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        *_last_columns(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subjects")),
    )
    for table in ("identity_providers", "subjects"):
        name = f"ix_{table}_tenant_id_created_at_id"
        op.create_index(name, table, ["tenant_id", "created_at", "id"])
        for statement in tenancy.protect(table):
            op.execute(statement)
    for statement in tenancy.own("issuer_index"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in ("subjects", "identity_providers", "issuer_index"):
        op.drop_table(table)


def _first_columns() -> list["sa.Column[sa.Uuid]"]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "id")]


def _last_columns() -> list["sa.Column[object]"]:
    time = postgresql.TIMESTAMP(timezone=True, precision=3)
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
    ]
