"""products"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.search import create_search, drop_search
from crm_api.platform.roles.refreshing import refresh

revision = "40b1613645ab"
down_revision = "72b9a1f6c4d0"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
TABLES = ("product_categories", "products")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _categories()
    _products()
    for table in TABLES:
        for statement in (*tenancy.protect(table), *create_search(table)):
            op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in reversed(TABLES):
        for statement in drop_search(table):
            op.execute(statement)
        op.drop_table(table)


def _categories() -> None:
    op.create_table(
        "product_categories",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            _one_of("productcategorystate", "live", "archived"),
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
        sa.CheckConstraint(
            "parent_id <> id", name=op.f("ck_product_categories_not_its_own_parent")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["product_categories.tenant_id", "product_categories.id"],
            name=op.f("fk_product_categories_tenant_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_product_categories")),
    )
    op.create_index(
        "ix_product_categories_search_pieces",
        "product_categories",
        ["search_pieces"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_product_categories_tenant_id_created_at_id"),
        "product_categories",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_categories_tenant_id_parent_id_created_at_id"),
        "product_categories",
        ["tenant_id", "parent_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_categories_tenant_id_sort_name_id"),
        "product_categories",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_index(
        "uq_product_categories_code", "product_categories", ["tenant_id", "code"], unique=True
    )


def _products() -> None:
    op.create_table(
        "products",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            _one_of("productkind", "goods", "service", "subscription"),
            server_default="goods",
            nullable=False,
        ),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("tax_class", sa.Text(), server_default="standard", nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=True),
        sa.Column("unit_cost", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("unit_cost_currency", sa.Text(), nullable=True),
        sa.Column("list_price", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("list_price_currency", sa.Text(), nullable=True),
        sa.Column(
            "status",
            _one_of("productstatus", "draft", "active", "discontinued"),
            server_default="active",
            nullable=False,
        ),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        sa.Column("custom", JSONB, server_default="{}", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("search_pieces", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint("list_price >= 0", name=op.f("ck_products_no_negative_price")),
        sa.CheckConstraint(
            "num_nonnulls(list_price, list_price_currency) IN (0, 2)",
            name=op.f("ck_products_price_of_a_currency"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(unit_cost, unit_cost_currency) IN (0, 2)",
            name=op.f("ck_products_cost_of_a_currency"),
        ),
        sa.CheckConstraint("unit_cost >= 0", name=op.f("ck_products_no_negative_cost")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["product_categories.tenant_id", "product_categories.id"],
            name=op.f("fk_products_tenant_id_category_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_products")),
    )
    op.create_index(
        "ix_products_search_pieces",
        "products",
        ["search_pieces"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_products_tenant_id_category_id_created_at_id"),
        "products",
        ["tenant_id", "category_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_tenant_id_created_at_id"),
        "products",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_tenant_id_kind_created_at_id"),
        "products",
        ["tenant_id", "kind", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_tenant_id_sort_name_id"),
        "products",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_tenant_id_status_created_at_id"),
        "products",
        ["tenant_id", "status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_tenant_id_tax_class_created_at_id"),
        "products",
        ["tenant_id", "tax_class", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_tenant_id_updated_at_id"),
        "products",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index("uq_products_sku", "products", ["tenant_id", "sku"], unique=True)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
