"""service policies, and what became of clocks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.features.desk.sla_policies.rules import built_in
from crm_api.kit import tenancy
from crm_api.kit.ids import uuid7
from crm_api.platform.roles.refreshing import FOR_TENANT, LANGUAGES, NOW, TENANTS, refresh

revision = "81c0de5a71c4"
down_revision = "ac525f1c9a79"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
SAID = ("name", "position", "conditions", "targets", "pauses_on", "escalations")
POLICIES = sa.table(
    "sla_policies",
    *(sa.column(name) for name in ("tenant_id", "id", "name", "position")),
    *(sa.column(name, JSONB) for name in ("conditions", "targets", "escalations")),
    sa.column("pauses_on", postgresql.ARRAY(sa.Text())),
    *(sa.column(name) for name in ("created_at", "updated_at")),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _policies()
    _events()
    for table in ("sla_policies", "sla_events"):
        for statement in tenancy.protect(table):
            op.execute(statement)
    for statement in tenancy.append_only("sla_events", erasable=True):
        op.execute(statement)
    _begin(op.get_bind())
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("sla_events")
    op.drop_table("sla_policies")


def _one_of(name: str, *values: str) -> "sa.Enum":
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _policies() -> None:
    op.create_table(
        "sla_policies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("conditions", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("targets", JSONB, nullable=False),
        sa.Column("pauses_on", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("escalations", JSONB, server_default="[]", nullable=False),
        sa.Column(
            "state",
            _one_of("slapolicystate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "NOT is_default OR conditions IS NULL", name=op.f("ck_sla_policies_default_for_all")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{there}.tenant_id", f"{there}.id"],
                name=op.f(f"fk_sla_policies_tenant_id_{column}"),
            )
            for column, there in (
                ("business_unit_id", "business_units"),
                ("calendar_id", "business_calendars"),
            )
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sla_policies")),
    )
    for columns in (
        ("created_at", "id"),
        ("business_unit_id", "created_at", "id"),
        ("position", "id"),
        ("business_unit_id", "position", "id"),
        ("calendar_id",),
    ):
        _index("sla_policies", *columns)
    op.create_index(
        "uq_sla_policies_default",
        "sla_policies",
        ["tenant_id", "business_unit_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND enabled AND is_default"),
        postgresql_nulls_not_distinct=True,
    )


def _events() -> None:
    op.create_table(
        "sla_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column(
            "clock",
            _one_of("clockkind", "first_response", "next_response", "resolution"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _one_of(
                "factkind",
                *("begun", "paused", "resumed", "met", "breached"),
                *("met_late", "due_moved", "escalated", "cancelled"),
            ),
            nullable=False,
        ),
        sa.Column("at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("details", JSONB, server_default="{}", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sla_events")),
    )
    _index("sla_events", "ticket_id", "created_at", "id")
    op.create_index(
        "uq_sla_events_breached_once",
        "sla_events",
        ["tenant_id", "ticket_id", "clock", "number"],
        unique=True,
        postgresql_where=sa.text("kind = 'breached'"),
    )


def _index(table: str, *columns: str) -> None:
    named = ["tenant_id", *columns]
    op.create_index(op.f(f"ix_{table}_{'_'.join(named)}"), table, named)


def _begin(bind: sa.Connection) -> None:
    """What new tenants begin with, those that are there have from now on."""
    for tenant in bind.execute(TENANTS).scalars().all():
        bind.execute(FOR_TENANT, {"tenant": str(tenant)})
        languages = bind.execute(LANGUAGES, {"tenant": tenant}).scalar_one_or_none()
        said = {name: value for name, value in built_in(languages or ()).items() if name in SAID}
        made = {"tenant_id": tenant, "id": uuid7(), "created_at": NOW, "updated_at": NOW}
        bind.execute(POLICIES.insert().values({**made, **said}))
