"""receipts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "5b0e9a7d3c21"
down_revision = "673f738acc41"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
AMOUNT = sa.Numeric(precision=15, scale=3)
LISTED_BY = (
    "customer_id",
    "business_unit_id",
    "handler_id",
    "status",
    "method",
    "reference",
    "has_credit",
)
REFERENCES = {
    "customer_id": "customers",
    "business_unit_id": "business_units",
    "handler_id": "users",
    "reverses_id": "receipts",
    "reversed_by_id": "receipts",
}
CHECKS = {
    "only_reversals_below_zero": (
        "CASE WHEN reverses_id IS NULL THEN amount > 0 ELSE amount < 0 END"
    ),
    "of_a_currency": "currency ~ '^[A-Z]{3}$'",
    "allocated_at_most": "allocated BETWEEN 0 AND greatest(amount, 0)",
    "allocations_make_allocated": "allocations_hold(allocations, allocated, currency)",
    "reversals_stay": "reverses_id IS NULL OR status = 'confirmed'",
    "confirmed_some_time": "(status = 'draft') = (confirmed_at IS NULL)",
    "reversed_by_another": (
        "num_nonnulls(reversed_by_id, reversed_at, reversal_reason) = "
        "CASE WHEN status = 'reversed' THEN 3 ELSE 0 END"
    ),
    "reversed_pays_nothing": "status <> 'reversed' OR allocated = 0",
    "event_of_a_provider": "num_nonnulls(provider, provider_event_id) IN (0, 2)",
}
ALLOCATIONS_HOLD = """
CREATE FUNCTION allocations_hold(allocations jsonb, allocated numeric, currency text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT coalesce(sum((a #>> '{amount,amount}')::numeric), 0) = $2
    AND count(*) = count(DISTINCT a ->> 'order_id')
    AND coalesce(
      bool_and((a #>> '{amount,amount}')::numeric > 0 AND a #>> '{amount,currency}' = $3), true)
  FROM jsonb_array_elements($1) a
)"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(ALLOCATIONS_HOLD)
    _receipts()
    _indexes()
    _receipt_orders()
    for table in ("receipts", "receipt_orders"):
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("receipt_orders")
    op.drop_table("receipts")
    op.execute("DROP FUNCTION allocations_hold(jsonb, numeric, text)")


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status", _one_of("receiptstatus", "draft", "confirmed", "reversed"), nullable=False
        ),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("allocations", JSONB, server_default="[]", nullable=False),
        sa.Column("allocated", AMOUNT, server_default="0", nullable=False),
        sa.Column(
            "unallocated",
            AMOUNT,
            sa.Computed(
                "CASE WHEN status = 'reversed' OR reverses_id IS NOT NULL THEN 0 "
                "ELSE amount - allocated END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "has_credit",
            sa.Boolean(),
            sa.Computed(
                "status = 'confirmed' AND reverses_id IS NULL AND allocated < amount",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            _one_of(
                "paymentmethod",
                *("bank", "cash", "wechat_pay", "alipay", "card"),
                *("cheque", "acceptance_bill", "other"),
            ),
            nullable=False,
        ),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_event_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("reversed_at", AT, nullable=True),
        sa.Column("reversal_reason", sa.Text(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("reversed_by_id", sa.Uuid(), nullable=True),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_receipts_{n}")) for n, rule in CHECKS.items()),
        *(_reference("receipts", column, table) for column, table in REFERENCES.items()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receipts")),
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(
    of: str, column: str, table: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{table}.tenant_id", f"{table}.id"],
        name=op.f(f"fk_{of}_tenant_id_{column}"),
        ondelete=ondelete,
    )


def _indexes() -> None:
    for named in ((), *((column,) for column in LISTED_BY)):
        columns = ["tenant_id", *named, "created_at", "id"]
        op.create_index(op.f(f"ix_receipts_{'_'.join(columns)}"), "receipts", columns)
    for column in ("updated_at", "received_at"):
        op.create_index(
            op.f(f"ix_receipts_tenant_id_{column}_id"), "receipts", ["tenant_id", column, "id"]
        )
    unique = {
        "number": ["number", "business_unit_id"],
        "provider_event": ["provider", "provider_event_id"],
        "reverses": ["reverses_id"],
    }
    for name, columns in unique.items():
        op.create_index(f"uq_receipts_{name}", "receipts", ["tenant_id", *columns], unique=True)


def _receipt_orders() -> None:
    op.create_table(
        "receipt_orders",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        _reference("receipt_orders", "order_id", "orders"),
        _reference("receipt_orders", "receipt_id", "receipts", "CASCADE"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "order_id", "receipt_id", name=op.f("pk_receipt_orders")
        ),
    )
    op.create_index(
        op.f("ix_receipt_orders_tenant_id_receipt_id"),
        "receipt_orders",
        ["tenant_id", "receipt_id"],
    )
