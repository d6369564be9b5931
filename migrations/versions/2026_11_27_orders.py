"""orders"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.platform.roles.refreshing import refresh

revision = "673f738acc41"
down_revision = "a20099a3b9ed"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
AMOUNT, QUANTITY = sa.Numeric(precision=15, scale=3), sa.Numeric(precision=18, scale=3)
LISTED_BY = (
    "customer_id",
    "business_unit_id",
    "owner_id",
    "deal_id",
    "status",
    "shipment_status",
    "payment_status",
    "invoice_status",
    "source",
    "customer_reference",
)
TENANTS = sa.text("SELECT tenant_id FROM tenants")
FOR_TENANT = sa.text("SELECT set_config('app.tenant', :tenant, true)")
NAME_PRODUCTS = """
UPDATE deals SET products = (
  SELECT jsonb_agg('{"product_id": null}' || product) FROM jsonb_array_elements(products) product)
WHERE products <> '[]'"""
FORGET_PRODUCTS = """
UPDATE deals SET products = (
  SELECT jsonb_agg(product - 'product_id') FROM jsonb_array_elements(products) product)
WHERE products <> '[]'"""
ORDERS = ("updated_at", "ordered_at", "value_order")
SHIPPED = sa.Computed(
    "CASE WHEN returned_quantity > 0 AND returned_quantity >= CASE WHEN shipped_quantity > 0 "
    "THEN shipped_quantity ELSE goods_quantity END THEN 'returned' "
    "WHEN shipped_quantity <= 0 THEN 'none' "
    "WHEN shipped_quantity >= goods_quantity THEN 'full' ELSE 'partial' END",
    persisted=True,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _orders()
    _indexes()
    _order_products()
    op.add_column(
        "pipelines",
        sa.Column("orders_when_won", sa.Boolean(), server_default="false", nullable=False),
    )
    for tenant in op.get_bind().execute(TENANTS).scalars().all():
        op.get_bind().execute(FOR_TENANT, {"tenant": str(tenant)})
        op.execute(NAME_PRODUCTS)
    for table in ("orders", "order_products"):
        for statement in tenancy.protect(table):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for tenant in op.get_bind().execute(TENANTS).scalars().all():
        op.get_bind().execute(FOR_TENANT, {"tenant": str(tenant)})
        op.execute(FORGET_PRODUCTS)
    op.drop_column("pipelines", "orders_when_won")
    op.drop_table("order_products")
    op.drop_table("orders")


def _compared(part: str) -> sa.Computed:
    return sa.Computed(
        f"CASE WHEN status = 'draft' THEN 'none' WHEN {part} > total THEN 'over' "
        f"WHEN {part} = total THEN 'full' WHEN {part} > 0 THEN 'partial' ELSE 'none' END",
        persisted=True,
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "confirmed",
                "in_progress",
                "completed",
                "cancelled",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "pricing",
            sa.Enum(
                "computed",
                "given",
                name="pricing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("tax_region", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        sa.Column("taxes", JSONB, nullable=False),
        sa.Column("discount_percent", sa.Text(), nullable=False),
        sa.Column("discount_amount", AMOUNT, nullable=True),
        sa.Column("subtotal", AMOUNT, nullable=False),
        sa.Column("discount", AMOUNT, nullable=False),
        sa.Column("net", AMOUNT, nullable=False),
        sa.Column("tax", AMOUNT, nullable=False),
        sa.Column("total", AMOUNT, nullable=False),
        sa.Column("base_total", AMOUNT, nullable=True),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("exchange_rate", sa.Numeric(precision=22, scale=10), nullable=True),
        sa.Column("paid", AMOUNT, server_default="0", nullable=False),
        sa.Column("invoiced", AMOUNT, server_default="0", nullable=False),
        sa.Column("goods_quantity", QUANTITY, nullable=False),
        sa.Column("shipped_quantity", QUANTITY, server_default="0", nullable=False),
        sa.Column("returned_quantity", QUANTITY, server_default="0", nullable=False),
        sa.Column("shipment_status", sa.Text(), SHIPPED, nullable=False),
        sa.Column("payment_status", sa.Text(), _compared("paid"), nullable=False),
        sa.Column("invoice_status", sa.Text(), _compared("invoiced"), nullable=False),
        sa.Column("ordered_at", AT, nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("completed_at", AT, nullable=True),
        sa.Column("cancelled_at", AT, nullable=True),
        sa.Column("cancellation_reason", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("customer_reference", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("shipping_address", JSONB, nullable=True),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        sa.Column("source_versions", JSONB, server_default="{}", nullable=False),
        sa.Column("custom", JSONB, server_default="{}", nullable=False),
        sa.Column(
            "value_order",
            sa.BigInteger(),
            sa.Computed("(coalesce(base_total, 0) * 1000)::bigint", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_orders_cancelled_some_time"),
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)",
            name=op.f("ck_orders_completed_some_time"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(base_total, base_currency, exchange_rate) IN (0, 3)",
            name=op.f("ck_orders_base_by_a_rate"),
        ),
        sa.CheckConstraint(
            "paid >= 0 AND invoiced >= 0", name=op.f("ck_orders_no_negative_payment")
        ),
        sa.CheckConstraint(
            "returned_quantity BETWEEN 0 AND goods_quantity",
            name=op.f("ck_orders_returned_at_most_ordered"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_orders_revisions_from_one")),
        sa.CheckConstraint(
            "shipped_quantity BETWEEN 0 AND goods_quantity",
            name=op.f("ck_orders_shipped_at_most_ordered"),
        ),
        sa.CheckConstraint(
            "total = net + tax AND total >= 0", name=op.f("ck_orders_net_and_tax_make_total")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_orders_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_orders_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name=op.f("fk_orders_tenant_id_deal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_orders_tenant_id_owner_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders")),
    )


def _indexes() -> None:
    for named in ((), *((column,) for column in LISTED_BY)):
        columns = ["tenant_id", *named, "created_at", "id"]
        op.create_index(op.f(f"ix_orders_{'_'.join(columns)}"), "orders", columns)
    for column in ORDERS:
        op.create_index(
            op.f(f"ix_orders_tenant_id_{column}_id"), "orders", ["tenant_id", column, "id"]
        )
    op.create_index(
        "ix_orders_of_customer", "orders", ["tenant_id", "customer_id", "ordered_at", "id"]
    )
    op.create_index(
        "uq_orders_number", "orders", ["tenant_id", "number", "business_unit_id"], unique=True
    )


def _order_products() -> None:
    op.create_table(
        "order_products",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_products_tenant_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_order_products_tenant_id_product_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "product_id", "order_id", name=op.f("pk_order_products")
        ),
    )
    op.create_index(
        op.f("ix_order_products_tenant_id_order_id"), "order_products", ["tenant_id", "order_id"]
    )
