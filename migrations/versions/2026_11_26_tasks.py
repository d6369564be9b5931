"""tasks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "9e4b7d21c0f8"
down_revision = "d41e7b95c2f8"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
TEXTS = sa.ARRAY(sa.Text())
JSON = postgresql.JSONB(astext_type=sa.Text())
TABLES = ("tasks", "task_records")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _tasks()
    _records()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        op.drop_table(table)


def _tasks() -> None:
    op.create_table(
        "tasks",
        *_columns(),
        *_checks(),
        _to("tasks", "customer_id", "customers"),
        _to("tasks", "business_unit_id", "business_units"),
        _to("tasks", "assignee_id", "users"),
        _to("tasks", "creator_id", "users"),
        _to("tasks", "series_id", "tasks"),
        _to("tasks", "next_task_id", "tasks"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tasks")),
    )
    listed = ("state", "priority", "customer_id", "business_unit_id", "assignee_id", "creator_id")
    for first in ((), *((column,) for column in listed)):
        _index("tasks", *first, "created_at", "id")
    _index("tasks", "updated_at", "id")
    _index("tasks", "due_order", "id")
    _open_index("ix_tasks_open_due", "assignee_id", "due_order", "id", where="state = 'open'")
    _open_index(
        "ix_tasks_overdue",
        "created_at",
        "id",
        where="state = 'open' AND overdue_at IS NOT NULL",
    )
    series = ["tenant_id", "series_id", "occurrence_on"]
    op.create_index("uq_tasks_series_id_occurrence_on", "tasks", series, unique=True)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        _one_of("state", "taskstate", "open", "open", "done", "cancelled"),
        _one_of("priority", "taskpriority", "normal", "low", "normal", "high", "urgent"),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("creator_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("due_until", AT, nullable=True),
        sa.Column("due_order", AT, nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        *(sa.Column(name, AT, nullable=True) for name in ("remind_at", "reminded_at")),
        sa.Column("overdue_at", AT, nullable=True),
        *(sa.Column(name, AT, nullable=True) for name in ("completed_at", "cancelled_at")),
        sa.Column("cancellation_reason", sa.Text(), nullable=True),
        sa.Column("checklist", JSON, server_default="[]", nullable=False),
        sa.Column("recurrence", JSON, nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("series_begin", sa.Text(), nullable=True),
        sa.Column("occurrence_on", sa.Date(), nullable=True),
        sa.Column("occurrence_at", AT, nullable=True),
        sa.Column("next_task_id", sa.Uuid(), nullable=True),
        sa.Column("records", TEXTS, server_default="{}", nullable=False),
        sa.Column("external_ids", JSON, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSON, server_default="[]", nullable=False),
        sa.Column("custom", JSON, server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
    ]


def _checks() -> list[sa.CheckConstraint]:
    checks = {
        "due_once": "num_nonnulls(due_on, due_at) <= 1",
        "due_ends": "(due_until IS NOT NULL) = (num_nonnulls(due_on, due_at) = 1)",
        "due_in_order": "due_until IS NULL OR due_order = due_until",
        "done_at_a_time": "(state = 'done') = (completed_at IS NOT NULL)",
        "cancelled_at_a_time": "(state = 'cancelled') = (cancelled_at IS NOT NULL)",
        "occurrence_of_a_series": "num_nonnulls(series_id, series_begin, occurrence_on) IN (0, 3)",
        "what_recurs_is_due": (
            "recurrence IS NULL OR (series_id IS NOT NULL AND due_until IS NOT NULL)"
        ),
    }
    return [
        sa.CheckConstraint(check, name=op.f(f"ck_tasks_{name}")) for name, check in checks.items()
    ]


def _records() -> None:
    table = "task_records"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        _to(table, "task_id", "tasks", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "record_id", "task_id", name=op.f(f"pk_{table}")),
    )
    _index(table, "task_id")


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


def _open_index(name: str, *columns: str, where: str) -> None:
    op.create_index(name, "tasks", ["tenant_id", *columns], postgresql_where=sa.text(where))


def _one_of(column: str, name: str, first: str, *values: str) -> sa.Column[object]:
    kind = sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
    return sa.Column(column, kind, server_default=first, nullable=False)
