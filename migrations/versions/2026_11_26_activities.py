"""activities"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "d41e7b95c2f8"
down_revision = "0b74ace60a4e"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
JSONB = postgresql.JSONB(astext_type=sa.Text())
TEXTS = postgresql.ARRAY(sa.Text())
TABLES = ("activities", "activity_collaborators", "activity_records")
TABLE = "activities"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _activities()
    _indexes()
    _look_up("activity_collaborators", sa.Column("user_id", sa.Uuid(), nullable=False), "users")
    _look_up("activity_records", sa.Column("record_id", sa.Text(), nullable=False))
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _activities() -> None:
    kinds = ("call", "meeting", "visit", "email", "message", "note")
    states = ("planned", "done", "cancelled", "missed")
    op.create_table(
        TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("activitykind", *kinds), nullable=False),
        sa.Column(
            "state",
            _one_of("activitystate", *states),
            server_default="planned",
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("collaborator_ids", TEXTS, server_default="{}", nullable=False),
        sa.Column("starts_at", AT, nullable=True),
        sa.Column("ends_at", AT, nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_contact_at", AT, nullable=True),
        sa.Column("done_at", AT, nullable=True),
        sa.Column("due_at", AT, nullable=True),
        *_reckoned(),
        sa.Column("records", TEXTS, server_default="{}", nullable=False),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        sa.Column("custom", JSONB, server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        *_checks(),
        _to(TABLE, "customer_id", "customers"),
        _to(TABLE, "contact_id", "customers"),
        _to(TABLE, "business_unit_id", "business_units"),
        _to(TABLE, "owner_id", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{TABLE}")),
    )


def _reckoned() -> list[sa.Column[object]]:
    happens = "coalesce(done_at, starts_at)"
    contacted = "CASE WHEN kind <> 'note' THEN done_at END"
    return [
        sa.Column("happens_at", AT, sa.Computed(happens, persisted=True), nullable=False),
        sa.Column("contacted_at", AT, sa.Computed(contacted, persisted=True), nullable=True),
    ]


def _checks() -> list[sa.Constraint]:
    rules = {
        "done_at_a_time": "(state = 'done') = (done_at IS NOT NULL)",
        "ends_after_it_starts": "ends_at IS NULL OR (starts_at IS NOT NULL "
        "AND ends_at >= starts_at)",
        "contact_is_a_customers": "contact_id IS NULL OR customer_id IS NOT NULL",
        "due_by_its_state": "CASE state WHEN 'planned' THEN due_at = starts_at WHEN 'done' THEN "
        "due_at IS NULL OR due_at = next_contact_at ELSE due_at IS NULL END IS TRUE",
    }
    return [sa.CheckConstraint(sql, name=op.f(f"ck_{TABLE}_{n}")) for n, sql in rules.items()]


def _indexes() -> None:
    found_by = ("customer_id", "contact_id", "business_unit_id", "owner_id", "kind", "state")
    for first in ((), *((column,) for column in found_by)):
        _index(TABLE, *first, "created_at", "id")
    _index(TABLE, "updated_at", "id")
    for first in ((), ("owner_id",), ("customer_id",)):
        _index(TABLE, *first, "happens_at", "id")
    for first in ((), ("owner_id",), ("business_unit_id",), ("customer_id",)):
        op.create_index(
            "_".join(["ix_activities_due", *first]),
            TABLE,
            ["tenant_id", *first, "due_at", "id"],
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
    op.create_index(
        "ix_activities_contacted",
        TABLE,
        ["tenant_id", "customer_id", "business_unit_id", "contacted_at"],
        postgresql_where=sa.text("contacted_at IS NOT NULL"),
    )


def _look_up(table: str, column: sa.Column[object], other: str = "") -> None:
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        column,
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        *([_to(table, column.name, other)] if other else []),
        _to(table, "activity_id", TABLE, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", column.name, "activity_id", name=op.f(f"pk_{table}")),
    )
    _index(table, "activity_id")


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
        ondelete=ondelete,
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(
        op.f("_".join(["ix", table, "tenant_id", *columns])), table, ["tenant_id", *columns]
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
