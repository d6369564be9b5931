"""shipments and returns"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "b1d5f20c9a37"
down_revision = "5b0e9a7d3c21"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
AMOUNT = sa.Numeric(precision=15, scale=3)
OF_ORDERS = ("order_id", "customer_id", "business_unit_id", "status")
LISTED_BY = {"shipments": (*OF_ORDERS, "carrier", "tracking_number"), "returns": OF_ORDERS}
SORTED_BY = {"shipments": ("updated_at", "shipped_at"), "returns": ("updated_at",)}
NAMED = {"order_id": "orders", "customer_id": "customers", "business_unit_id": "business_units"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _shipments()
    _returns()
    for table in LISTED_BY:
        _indexes(table)
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("returns")
    op.drop_table("shipments")


def _status(name: str, *states: str) -> sa.Column[str]:
    kind = sa.Enum(*states, name=name, native_enum=False, create_constraint=True, length=40)
    return sa.Column("status", kind, nullable=False)


def _columns(kind: "sa.types.TypeEngine[object]", *names: str) -> list["sa.Column[object]"]:
    return [sa.Column(name, kind, nullable=True) for name in names]


def _shipments() -> None:
    op.create_table(
        "shipments",
        *_of_orders("shipments"),
        _status(
            "shipmentstate",
            *("draft", "ready", "shipped", "delivered"),
            *("accepted", "refused", "failed", "cancelled"),
        ),
        sa.Column("lines", JSONB, nullable=False),
        *_columns(sa.Text(), "carrier", "tracking_number", "tracking_url"),
        sa.Column("tracking_events", JSONB, server_default="[]", nullable=False),
        *_columns(JSONB, "shipping_address"),
        *_columns(sa.Date(), "planned_on"),
        *_columns(sa.Text(), "note"),
        *_columns(AT, "shipped_at", "delivered_at", "accepted_at"),
        *_columns(sa.Text(), "accepted_by"),
        *_columns(sa.Date(), "accepted_on"),
        *_columns(sa.Text(), "acceptance_note"),
        *_columns(AT, "refused_at"),
        *_columns(sa.Text(), "refusal_reason"),
        *_columns(AT, "failed_at"),
        *_columns(sa.Text(), "failure_reason"),
        *_columns(AT, "cancelled_at"),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        *_kept(),
        sa.CheckConstraint(
            "shipped_at IS NOT NULL OR status IN ('draft', 'ready', 'failed', 'cancelled')",
            name=op.f("ck_shipments_shipped_some_time"),
        ),
        *(_ended("shipments", state) for state in ("accepted", "refused", "cancelled")),
    )


def _returns() -> None:
    op.create_table(
        "returns",
        *_of_orders("returns"),
        _status(
            "returnstate",
            *("requested", "approved", "rejected", "partially_received", "received", "closed"),
        ),
        *_columns(sa.Text(), "reason", "note"),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        sa.Column("received_net", AMOUNT, nullable=False),
        sa.Column("received_tax", AMOUNT, nullable=False),
        sa.Column("received_total", AMOUNT, nullable=False),
        *_columns(AT, "approved_at", "rejected_at"),
        *_columns(sa.Text(), "rejection_reason"),
        *_columns(AT, "received_at", "closed_at"),
        *_kept(),
        sa.CheckConstraint(
            "received_total = received_net + received_tax", name=op.f("ck_returns_makes_total")
        ),
        sa.CheckConstraint(
            "(status IN ('partially_received', 'received', 'closed')) = (received_at IS NOT NULL)",
            name=op.f("ck_returns_received_some_time"),
        ),
        *(_ended("returns", state) for state in ("rejected", "closed")),
    )


def _of_orders(table: str) -> list["sa.schema.SchemaItem"]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in NAMED),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{there}.tenant_id", f"{there}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, there in NAMED.items()
        ),
        sa.CheckConstraint(
            "jsonb_array_length(lines) BETWEEN 1 AND 500", name=op.f(f"ck_{table}_some_goods")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _kept() -> list["sa.schema.SchemaItem"]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
    ]


def _ended(table: str, state: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"(status = '{state}') = ({state}_at IS NOT NULL)",
        name=op.f(f"ck_{table}_{state}_some_time"),
    )


def _indexes(table: str) -> None:
    for named in ((), *((column,) for column in LISTED_BY[table])):
        columns = ["tenant_id", *named, "created_at", "id"]
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    for column in SORTED_BY[table]:
        op.create_index(
            op.f(f"ix_{table}_tenant_id_{column}_id"), table, ["tenant_id", column, "id"]
        )
    op.create_index(
        f"uq_{table}_number", table, ["tenant_id", "number", "business_unit_id"], unique=True
    )
