"""group structure"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import search, tenancy

revision = "486e15a40739"
down_revision = "d81f0a3c5b72"

AT = postgresql.TIMESTAMP(timezone=True, precision=3)
JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table(
        "legal_entities",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column(
            "state",
            _one_of("legalentitystate", "live", "archived"),
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
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_legal_entities")),
    )
    op.create_index(
        "ix_legal_entities_search_pieces",
        "legal_entities",
        ["search_pieces"],
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_legal_entities_tenant_id_created_at_id"),
        "legal_entities",
        ["tenant_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_legal_entities_tenant_id_sort_name_id"),
        "legal_entities",
        ["tenant_id", "sort_name", "id"],
    )
    op.create_index(
        "uq_legal_entities_live_registration_number",
        "legal_entities",
        ["tenant_id", "country", "registration_number"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND registration_number IS NOT NULL"),
    )
    op.create_table(
        "business_units",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "state",
            _one_of("businessunitstate", "live", "archived"),
            server_default="live",
            nullable=False,
        ),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("legal_entity_id", sa.Uuid(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("periods", JSONB, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("search_pieces", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "closes_on > opens_on", name=op.f("ck_business_units_opens_before_it_closes")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_business_units_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calendar_id"],
            ["business_calendars.tenant_id", "business_calendars.id"],
            name=op.f("fk_business_units_tenant_id_calendar_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "legal_entity_id"],
            ["legal_entities.tenant_id", "legal_entities.id"],
            name=op.f("fk_business_units_tenant_id_legal_entity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_business_units_tenant_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_business_units")),
    )
    op.create_index(
        "ix_business_units_search_pieces",
        "business_units",
        ["search_pieces"],
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_business_units_tenant_id_calendar_id"),
        "business_units",
        ["tenant_id", "calendar_id"],
    )
    op.create_index(
        op.f("ix_business_units_tenant_id_created_at_id"),
        "business_units",
        ["tenant_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_business_units_tenant_id_kind_created_at_id"),
        "business_units",
        ["tenant_id", "kind", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_business_units_tenant_id_legal_entity_id_created_at_id"),
        "business_units",
        ["tenant_id", "legal_entity_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_business_units_tenant_id_parent_id_created_at_id"),
        "business_units",
        ["tenant_id", "parent_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_business_units_tenant_id_sort_name_id"),
        "business_units",
        ["tenant_id", "sort_name", "id"],
    )
    op.create_index(
        "uq_business_units_live_code",
        "business_units",
        ["tenant_id", "code"],
        unique=True,
        postgresql_where=sa.text("state = 'live' AND code IS NOT NULL"),
    )
    op.create_table(
        "business_unit_lines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ancestor_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "depth BETWEEN 0 AND 11", name=op.f("ck_business_unit_lines_twelve_levels")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ancestor_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_business_unit_lines_tenant_id_ancestor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_business_unit_lines_tenant_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "ancestor_id", "unit_id", name=op.f("pk_business_unit_lines")
        ),
    )
    op.create_index(
        op.f("ix_business_unit_lines_tenant_id_unit_id_depth"),
        "business_unit_lines",
        ["tenant_id", "unit_id", "depth"],
    )
    op.create_table(
        "business_unit_periods",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("legal_entity_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "parent_id <> unit_id", name=op.f("ck_business_unit_periods_not_its_own_parent")
        ),
        sa.CheckConstraint(
            "until_on > from_on", name=op.f("ck_business_unit_periods_begins_before_it_ends")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "legal_entity_id"],
            ["legal_entities.tenant_id", "legal_entities.id"],
            name=op.f("fk_business_unit_periods_tenant_id_legal_entity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_business_unit_periods_tenant_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id", "until_on"],
            [
                "business_unit_periods.tenant_id",
                "business_unit_periods.unit_id",
                "business_unit_periods.from_on",
            ],
            name="fk_business_unit_periods_next",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_business_unit_periods_tenant_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "unit_id", "from_on", name=op.f("pk_business_unit_periods")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "unit_id",
            "until_on",
            deferrable=True,
            initially="DEFERRED",
            name="uq_business_unit_periods_until_on",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_business_unit_periods_tenant_id_from_on"),
        "business_unit_periods",
        ["tenant_id", "from_on"],
    )
    op.create_index(
        op.f("ix_business_unit_periods_tenant_id_legal_entity_id"),
        "business_unit_periods",
        ["tenant_id", "legal_entity_id"],
    )
    op.create_index(
        op.f("ix_business_unit_periods_tenant_id_parent_id"),
        "business_unit_periods",
        ["tenant_id", "parent_id"],
    )
    for table in ("legal_entities", "business_units"):
        for statement in search.create_search(table):
            op.execute(statement)
    for table in (
        "legal_entities",
        "business_units",
        "business_unit_lines",
        "business_unit_periods",
    ):
        for statement in tenancy.protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for table in ("legal_entities", "business_units"):
        for statement in search.drop_search(table):
            op.execute(statement)
    for table in (
        "business_unit_periods",
        "business_unit_lines",
        "business_units",
        "legal_entities",
    ):
        op.drop_table(table)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)
