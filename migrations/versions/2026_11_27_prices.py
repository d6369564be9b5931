"""prices"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.periods import one_at_a_time
from crm_api.kit.search import create_search, drop_search
from crm_api.platform.roles.refreshing import refresh

revision = "a20099a3b9ed"
down_revision = "40b1613645ab"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
TABLES = ("price_books", "price_entries")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _books()
    _entries()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    for statement in create_search("price_books"):
        op.execute(statement)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statement in drop_search("price_books"):
        op.execute(statement)
    for table in reversed(TABLES):
        op.drop_table(table)


def _books() -> None:
    op.create_table(
        "price_books",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("prices_include_tax", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("rules", JSONB, server_default="[]", nullable=False),
        sa.Column(
            "state",
            _one_of("pricebookstate", "live", "archived"),
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
            "NOT is_default OR num_nonnulls(customer_id, grade, business_unit_id) = 0",
            name=op.f("ck_price_books_default_for_everybody"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(customer_id, grade) <= 1", name=op.f("ck_price_books_customer_or_grade")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_price_books_not_its_own_parent")),
        sa.CheckConstraint(
            "valid_until_on > valid_from_on", name=op.f("ck_price_books_begins_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_price_books_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_price_books_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id", "currency"],
            ["price_books.tenant_id", "price_books.id", "price_books.currency"],
            name=op.f("fk_price_books_tenant_id_parent_id_currency"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_price_books")),
        sa.UniqueConstraint(
            "tenant_id", "id", "currency", name=op.f("uq_price_books_tenant_id_id_currency")
        ),
    )
    op.create_index(
        "ix_price_books_search_pieces",
        "price_books",
        ["search_pieces"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_business_unit_id_created_at_id"),
        "price_books",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_created_at_id"),
        "price_books",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_currency_created_at_id"),
        "price_books",
        ["tenant_id", "currency", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_customer_id_created_at_id"),
        "price_books",
        ["tenant_id", "customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_grade_created_at_id"),
        "price_books",
        ["tenant_id", "grade", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_parent_id_created_at_id"),
        "price_books",
        ["tenant_id", "parent_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_books_tenant_id_sort_name_id"),
        "price_books",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_index("uq_price_books_code", "price_books", ["tenant_id", "code"], unique=True)
    op.create_index(
        "uq_price_books_default",
        "price_books",
        ["tenant_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND is_default"),
    )


def _entries() -> None:
    op.create_table(
        "price_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("price_book_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column(
            "min_quantity", sa.Numeric(precision=12, scale=3), server_default="0", nullable=False
        ),
        sa.Column("unit_price", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        one_at_a_time("price_entries", "price_book_id", "product_id", "min_quantity"),
        sa.CheckConstraint("min_quantity >= 0", name=op.f("ck_price_entries_no_negative_quantity")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_price_entries_no_negative_price")),
        sa.CheckConstraint(
            "valid_until_on > valid_from_on", name=op.f("ck_price_entries_begins_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "price_book_id", "currency"],
            ["price_books.tenant_id", "price_books.id", "price_books.currency"],
            name=op.f("fk_price_entries_tenant_id_price_book_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_price_entries_tenant_id_product_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_price_entries")),
    )
    op.create_index(
        "ix_price_entries_found",
        "price_entries",
        ["tenant_id", "price_book_id", "product_id", "min_quantity"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_entries_tenant_id_created_at_id"),
        "price_entries",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_entries_tenant_id_price_book_id_created_at_id"),
        "price_entries",
        ["tenant_id", "price_book_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_price_entries_tenant_id_product_id_created_at_id"),
        "price_entries",
        ["tenant_id", "product_id", "created_at", "id"],
        unique=False,
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
