"""roles"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.ids import uuid7
from crm_api.platform.roles import built_in

revision = "7e4c19a5b2d0"
down_revision = "e7a1c40b9d62"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TABLES = ("roles", "role_assignments", "customer_viewers")
SEEN = """
INSERT INTO customer_viewers (tenant_id, viewer_id, customer_id, source_id, unit_id, writes)
SELECT tenant_id, viewer, customer_id, id, business_unit_id, true FROM (
  SELECT *, business_unit_id AS viewer FROM unit_profiles UNION
  SELECT *, owner_id FROM unit_profiles WHERE owner_id IS NOT NULL UNION
  SELECT p.*, c.user_id FROM unit_profiles p JOIN unit_profile_collaborators c
  ON c.tenant_id = p.tenant_id AND c.unit_profile_id = p.id
) seen WHERE tenant_id = :tenant ON CONFLICT DO NOTHING"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _roles()
    _assignments()
    _viewers()
    _users_behind()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    _fill()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_index(op.f("ix_jobs_tenant_id_user_id_created_at_id"), "jobs")
    op.drop_column("jobs", "business_unit_id")
    op.drop_column("webhook_endpoints", "user_id")
    op.drop_column("api_keys", "user_id")
    for table in reversed(TABLES):
        op.drop_table(table)


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column(
            "state", _one_of("rolestate", "live", "archived"), server_default="live", nullable=False
        ),
        *_entity(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_roles")),
    )
    _index("roles", "created_at", "id")
    op.create_index(
        "uq_roles_code",
        "roles",
        ["tenant_id", "code"],
        unique=True,
        postgresql_where=sa.text("code IS NOT NULL"),
    )


def _assignments() -> None:
    table = "role_assignments"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", AT, nullable=False),
        sa.Column("ends_at", AT, nullable=True),
        *_entity(),
        sa.CheckConstraint(
            "ends_at >= starts_at", name=op.f("ck_role_assignments_begins_before_it_ends")
        ),
        _to(table, "user_id", "users"),
        _to(table, "role_id", "roles"),
        _to(table, "business_unit_id", "business_units"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    for first in ((), ("user_id",), ("role_id",), ("business_unit_id",)):
        _index(table, *first, "created_at", "id")
    op.create_index(
        "uq_role_assignments_open",
        table,
        ["tenant_id", "user_id", "role_id", "business_unit_id"],
        unique=True,
        postgresql_where=sa.text("ends_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


def _viewers() -> None:
    table = "customer_viewers"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        _to(table, "customer_id", "customers", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "viewer_id", "customer_id", "source_id", name=op.f(f"pk_{table}")
        ),
    )
    _index(table, "customer_id")


def _users_behind() -> None:
    """As which user a key acts, and in whose name jobs and endpoints work.

    A foreign key is held against all rows, under the policy too: so some tenant must be named.
    """
    op.execute(f"SELECT set_config('app.tenant', '{UUID(int=0)}', true)")
    for table in ("api_keys", "webhook_endpoints"):
        op.add_column(table, sa.Column("user_id", sa.Uuid(), nullable=True))
    op.add_column("jobs", sa.Column("business_unit_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_api_keys_tenant_id_user_id"),
        "api_keys",
        "users",
        ["tenant_id", "user_id"],
        ["tenant_id", "id"],
    )
    _index("api_keys", "user_id", "created_at", "id")
    _index("jobs", "user_id", "created_at", "id")


def _fill() -> None:
    """The roles that came with the product, and who sees which customers by their profiles."""
    bind = op.get_bind()
    roles = sa.table(
        "roles",
        *(sa.column(name) for name in ("tenant_id", "id", "code", "name", "description", "masked")),
        sa.column("permissions", postgresql.JSONB()),
        *(sa.column(name, AT) for name in ("created_at", "updated_at")),
    )
    for (tenant,) in bind.execute(sa.text("SELECT tenant_id FROM tenants")).all():
        bind.execute(
            sa.text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant)}
        )
        settled = "SELECT languages FROM tenant_settings WHERE tenant_id = :tenant"
        languages = bind.execute(sa.text(settled), {"tenant": tenant}).scalar_one_or_none()
        now = sa.func.date_trunc("milliseconds", sa.func.now())
        made = {"tenant_id": tenant, "created_at": now, "updated_at": now}
        for role in built_in.roles(languages or ()):
            known = {name: value for name, value in role.items() if name in roles.c}
            bind.execute(roles.insert().values(**made, id=uuid7(), **known))
        bind.execute(sa.text(SEEN), {"tenant": tenant})


def _entity() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
    ]


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
        ondelete=ondelete,
    )


def _index(table: str, *columns: str) -> None:
    name = "_".join(["ix", table, "tenant_id", *columns])
    op.create_index(op.f(name), table, ["tenant_id", *columns])


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
