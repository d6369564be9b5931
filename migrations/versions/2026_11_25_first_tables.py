"""first tables"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import search, tenancy
from crm_api.kit.journal import CHANGES_FUNCTION
from crm_api.kit.money import money_functions

revision = "4f1c0a7e2b93"
down_revision = None

PROTECTED = (
    "api_keys",
    "customer_keys",
    "customers",
    "event_values",
    "events",
    "external_ids",
    "tenant_settings",
)
SHARED = ("key_index", "tenants")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    execute(tenancy.create_roles())
    execute(search.create_search_role())
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "customers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "person",
                "organization",
                name="customerkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "archived",
                name="customerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="live",
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("acquired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column(
            "contact_points",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "addresses",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "external_ids",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "external_id_aliases",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "search_pieces", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False
        ),
        sa.Column("preferences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column(
            "gender",
            sa.Enum(
                "female",
                "male",
                "other",
                name="gender",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("occupation", sa.Text(), nullable=True),
        sa.Column("education", sa.Text(), nullable=True),
        sa.Column("income_band", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("legal_name", sa.Text(), nullable=True),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("size_band", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint(
            "kind = 'organization' OR "
            "num_nonnulls(legal_name, uscc, industry, size_band, website, parent_id) = 0",
            name=op.f("ck_customers_organization_parts"),
        ),
        sa.CheckConstraint(
            "kind = 'person' OR "
            "num_nonnulls(family_name, given_name, gender, born_on, language, occupation, "
            "education, income_band, title) = 0",
            name=op.f("ck_customers_person_parts"),
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_customers_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_customers_tenant_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customers")),
    )
    op.create_index(
        op.f("ix_customers_tenant_id_created_at_id"),
        "customers",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customers_tenant_id_parent_id"),
        "customers",
        ["tenant_id", "parent_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customers_tenant_id_sort_name_id"),
        "customers",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customers_tenant_id_updated_at_id"),
        "customers",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_customers_live_uscc",
        "customers",
        ["tenant_id", "uscc"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND uscc IS NOT NULL"),
    )
    op.create_table(
        "event_values",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("pk_event_values")),
    )
    op.create_table(
        "events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_tenant_id_object_id_id"),
        "events",
        ["tenant_id", "object_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_events_unsequenced",
        "events",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("sequence IS NULL"),
    )
    op.create_index(
        "uq_events_sequence",
        "events",
        ["tenant_id", "sequence"],
        unique=True,
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )
    op.create_table(
        "external_ids",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "resource", "system", "value", name=op.f("pk_external_ids")
        ),
        info={"pointer": "/external_ids"},
    )
    op.create_index(
        op.f("ix_external_ids_tenant_id_resource_object_id"),
        "external_ids",
        ["tenant_id", "resource", "object_id"],
        unique=False,
    )
    op.create_table(
        "key_index",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_key_index")),
    )
    op.create_table(
        "tenant_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "live",
                "sandbox",
                name="tenantkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("phone_region", sa.Text(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "allowed_origins", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant_settings")),
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "live",
                "sandbox",
                name="tenantkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("suspended_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "customer_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "email",
                "phone",
                "wechat",
                "tag",
                name="keykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_customer_keys_tenant_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "kind", "value", "customer_id", name=op.f("pk_customer_keys")
        ),
    )
    op.create_index(
        op.f("ix_customer_keys_tenant_id_customer_id"),
        "customer_keys",
        ["tenant_id", "customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_customers_search_pieces",
        "customers",
        ["search_pieces"],
        unique=False,
        postgresql_using="gin",
    )
    op.execute(CHANGES_FUNCTION)
    execute(money_functions())
    for table in PROTECTED:
        execute(tenancy.protect(table))
    for table in SHARED:
        execute(tenancy.own(table))
    execute(tenancy.append_only("events", erasable=False, settable=("sequence",)))
    execute(tenancy.append_only("event_values", erasable=True))
    execute(search.create_search("customers"))
    op.execute(f"GRANT SELECT ON alembic_version TO {tenancy.APP}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(search.drop_search("customers"))
    op.execute("DROP FUNCTION event_changes")
    op.execute("DROP FUNCTION money_text")
    op.execute("DROP FUNCTION currency_digits")
    op.drop_index(op.f("ix_customer_keys_tenant_id_customer_id"), table_name="customer_keys")
    op.drop_table("customer_keys")
    op.drop_table("tenants")
    op.drop_table("tenant_settings")
    op.drop_table("key_index")
    op.drop_index(op.f("ix_external_ids_tenant_id_resource_object_id"), table_name="external_ids")
    op.drop_table("external_ids")
    op.drop_index(
        "uq_events_sequence", table_name="events", postgresql_where=sa.text("sequence IS NOT NULL")
    )
    op.drop_index(
        "ix_events_unsequenced", table_name="events", postgresql_where=sa.text("sequence IS NULL")
    )
    op.drop_index(op.f("ix_events_tenant_id_object_id_id"), table_name="events")
    op.drop_table("events")
    op.drop_table("event_values")
    op.drop_index(
        "uq_customers_live_uscc",
        table_name="customers",
        postgresql_where=sa.text("state = 'live' AND uscc IS NOT NULL"),
    )
    op.drop_index(op.f("ix_customers_tenant_id_updated_at_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_tenant_id_sort_name_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_tenant_id_parent_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_tenant_id_created_at_id"), table_name="customers")
    op.drop_table("customers")
    op.drop_table("api_keys")


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
