"""tickets"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.features.desk.ticket_statuses.rules import built_in
from crm_api.kit import tenancy
from crm_api.kit.ids import uuid7
from crm_api.platform.roles.refreshing import refresh

revision = "c82e5d01f7a4"
down_revision = "c4a83e91d5f7"

AT, JSONB = postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.JSONB()
TABLES = (
    "ticket_statuses",
    "tickets",
    "ticket_copies",
    "ticket_moves",
    "ticket_followers",
    "ticket_messages",
    "ticket_tags",
)
TENANTS = sa.text("SELECT tenant_id FROM tenants ORDER BY tenant_id")
FOR_TENANT = sa.text("SELECT set_config('app.tenant', :tenant, true)")
LANGUAGES = sa.text("SELECT languages FROM tenant_settings WHERE tenant_id = :tenant")
NOW = sa.func.date_trunc("milliseconds", sa.func.now())
STATUSES = sa.table(
    "ticket_statuses",
    *(sa.column(name) for name in ("tenant_id", "id", "name", "category", "position")),
    *(sa.column(name) for name in ("is_default", "created_at", "updated_at")),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column(
        "tenant_settings",
        sa.Column("reopen_days", sa.Integer(), server_default="7", nullable=False),
    )
    _ticket_statuses()
    _tickets()
    _ticket_copies()
    _ticket_moves()
    _ticket_followers()
    _ticket_messages()
    _ticket_tags()
    for table in TABLES:
        for statement in tenancy.protect(table):
            op.execute(statement)
    for tenant in op.get_bind().execute(TENANTS).scalars().all():
        op.get_bind().execute(FOR_TENANT, {"tenant": str(tenant)})
        _statuses_of(tenant)
    refresh(op.get_bind())


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("tenant_settings", "reopen_days")
    op.drop_table("ticket_tags")
    op.drop_table("ticket_messages")
    op.drop_table("ticket_followers")
    op.drop_table("ticket_moves")
    op.drop_table("ticket_copies")
    op.drop_table("tickets")
    op.drop_table("ticket_statuses")


def _statuses_of(tenant: UUID) -> None:
    bind = op.get_bind()
    languages = bind.execute(LANGUAGES, {"tenant": tenant}).scalar_one_or_none()
    known = {"tenant_id": tenant, "created_at": NOW, "updated_at": NOW}
    for status in built_in(languages or ()):
        said = {**status, "category": status["category"].value}
        bind.execute(sa.insert(STATUSES).values({"id": uuid7(), **known, **said}))


def _ticket_statuses() -> None:
    op.create_table(
        "ticket_statuses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "open",
                "waiting_customer",
                "waiting_third_party",
                "resolved",
                "closed",
                name="ticketcategory",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live",
                "archived",
                name="ticketstatusstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="live",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "NOT is_default OR state = 'live'", name=op.f("ck_ticket_statuses_default_is_live")
        ),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 1000", name=op.f("ck_ticket_statuses_position_in_range")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ticket_statuses")),
    )
    op.create_index(
        op.f("ix_ticket_statuses_tenant_id_category_created_at_id"),
        "ticket_statuses",
        ["tenant_id", "category", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_statuses_tenant_id_created_at_id"),
        "ticket_statuses",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_statuses_tenant_id_position_id"),
        "ticket_statuses",
        ["tenant_id", "position", "id"],
        unique=False,
    )
    op.create_index(
        "uq_ticket_statuses_default",
        "ticket_statuses",
        ["tenant_id", "category"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_index(
        "uq_ticket_statuses_name", "ticket_statuses", ["tenant_id", "name"], unique=True
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("business_unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "api",
                "email",
                "web_form",
                "web_chat",
                "wechat",
                "phone",
                name="ticketchannel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "question",
                "problem",
                "request",
                "complaint",
                name="tickettype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "complaint_level",
            sa.Enum(
                "minor",
                "major",
                "critical",
                name="complaintlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("responsible_unit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum(
                "low",
                "normal",
                "high",
                "urgent",
                name="ticketpriority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status_id", sa.Uuid(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "open",
                "waiting_customer",
                "waiting_third_party",
                "resolved",
                "closed",
                name="ticketcategory",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "close_reason",
            sa.Enum(
                "resolved",
                "merged",
                "spam",
                name="closereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("follower_ids", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("cc_ids", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("cc_emails", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("snoozed_until", AT, nullable=True),
        sa.Column("first_replied_at", AT, nullable=True),
        sa.Column("last_customer_message_at", AT, nullable=True),
        sa.Column("last_agent_message_at", AT, nullable=True),
        sa.Column("resolved_at", AT, nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("reopened_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sla_policy_id", sa.Uuid(), nullable=True),
        sa.Column("clocks", JSONB, server_default="{}", nullable=False),
        sa.Column("escalations", JSONB, server_default="[]", nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column(
            "due_order",
            AT,
            sa.Computed("coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)", persisted=True),
            nullable=False,
        ),
        sa.Column("is_breached", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("merged_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("split_from_id", sa.Uuid(), nullable=True),
        sa.Column("links", JSONB, server_default="[]", nullable=False),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("external_ids", JSONB, server_default="{}", nullable=False),
        sa.Column("external_id_aliases", JSONB, server_default="[]", nullable=False),
        sa.Column("custom", JSONB, server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "(category = 'closed') = (close_reason IS NOT NULL)",
            name=op.f("ck_tickets_closed_for_a_reason"),
        ),
        sa.CheckConstraint(
            "(category = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_tickets_closed_some_time"),
        ),
        sa.CheckConstraint(
            "category <> 'resolved' OR resolved_at IS NOT NULL",
            name=op.f("ck_tickets_resolved_once"),
        ),
        sa.CheckConstraint(
            "snoozed_until IS NULL OR category IN ('waiting_customer', 'waiting_third_party')",
            name=op.f("ck_tickets_snoozed_while_waiting"),
        ),
        sa.CheckConstraint(
            "type = 'complaint' OR num_nonnulls(complaint_level, responsible_unit_id) = 0",
            name=op.f("ck_tickets_level_of_a_complaint"),
        ),
        sa.CheckConstraint(
            "merged_into_id <> id AND follows_id <> id", name=op.f("ck_tickets_not_itself")
        ),
        sa.CheckConstraint("reopened_count >= 0", name=op.f("ck_tickets_reopened_some_times")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "queue_id"],
            ["queues.tenant_id", "queues.id"],
            name=op.f("fk_tickets_tenant_id_queue_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "channel_id"],
            ["channels.tenant_id", "channels.id"],
            name=op.f("fk_tickets_tenant_id_channel_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sla_policy_id"],
            ["sla_policies.tenant_id", "sla_policies.id"],
            name=op.f("fk_tickets_tenant_id_sla_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assignee_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_tickets_tenant_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "business_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_tickets_tenant_id_business_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_tickets_tenant_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "follows_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_tickets_tenant_id_follows_id"),
        ),
        sa.CheckConstraint("merged_count >= 0", name=op.f("ck_tickets_merged_some_times")),
        sa.CheckConstraint("split_from_id <> id", name=op.f("ck_tickets_not_split_from_itself")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "split_from_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_tickets_tenant_id_split_from_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "merged_into_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_tickets_tenant_id_merged_into_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_tickets_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requester_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_tickets_tenant_id_requester_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "responsible_unit_id"],
            ["business_units.tenant_id", "business_units.id"],
            name=op.f("fk_tickets_tenant_id_responsible_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "status_id"],
            ["ticket_statuses.tenant_id", "ticket_statuses.id"],
            name=op.f("fk_tickets_tenant_id_status_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tickets")),
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_assignee_id_created_at_id"),
        "tickets",
        ["tenant_id", "assignee_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_business_unit_id_created_at_id"),
        "tickets",
        ["tenant_id", "business_unit_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_category_created_at_id"),
        "tickets",
        ["tenant_id", "category", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_created_at_id"),
        "tickets",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_due_order_id"),
        "tickets",
        ["tenant_id", "due_order", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_follows_id_created_at_id"),
        "tickets",
        ["tenant_id", "follows_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_split_from_id_created_at_id"),
        "tickets",
        ["tenant_id", "split_from_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_merged_into_id_created_at_id"),
        "tickets",
        ["tenant_id", "merged_into_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_order_id_created_at_id"),
        "tickets",
        ["tenant_id", "order_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_priority_created_at_id"),
        "tickets",
        ["tenant_id", "priority", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_queue_id_created_at_id"),
        "tickets",
        ["tenant_id", "queue_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_requester_id_created_at_id"),
        "tickets",
        ["tenant_id", "requester_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_status_id_created_at_id"),
        "tickets",
        ["tenant_id", "status_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_type_created_at_id"),
        "tickets",
        ["tenant_id", "type", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_updated_at_id"),
        "tickets",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_tickets_waiting",
        "tickets",
        ["tenant_id", "queue_id", "due_order", "id"],
        unique=False,
        postgresql_where=sa.text("category = 'open' AND assignee_id IS NULL"),
    )
    op.create_index(
        "ix_tickets_unsolved",
        "tickets",
        ["tenant_id", "requester_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("category IN ('open', 'waiting_customer', 'waiting_third_party')"),
    )
    op.create_index(
        "uq_tickets_number", "tickets", ["tenant_id", "number", "business_unit_id"], unique=True
    )


def _ticket_moves() -> None:
    op.create_table(
        "ticket_moves",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "open",
                "waiting_customer",
                "waiting_third_party",
                "resolved",
                "closed",
                name="ticketcategory",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_moves_tenant_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ticket_moves")),
    )
    op.create_index(
        op.f("ix_ticket_moves_tenant_id_ticket_id_id"),
        "ticket_moves",
        ["tenant_id", "ticket_id", "id"],
        unique=False,
    )


def _ticket_copies() -> None:
    op.create_table(
        "ticket_copies",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_ticket_copies_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_copies_tenant_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "ticket_id", name=op.f("pk_ticket_copies")
        ),
        info={"pointer": "/cc_ids"},
    )
    op.create_index(
        op.f("ix_ticket_copies_tenant_id_ticket_id"),
        "ticket_copies",
        ["tenant_id", "ticket_id"],
        unique=False,
    )


def _ticket_followers() -> None:
    op.create_table(
        "ticket_followers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_followers_tenant_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_ticket_followers_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "user_id", "ticket_id", name=op.f("pk_ticket_followers")
        ),
        info={"pointer": "/follower_ids"},
    )
    op.create_index(
        op.f("ix_ticket_followers_tenant_id_ticket_id"),
        "ticket_followers",
        ["tenant_id", "ticket_id"],
        unique=False,
    )


def _ticket_messages() -> None:
    op.create_table(
        "ticket_messages",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "in", "out", name="direction", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "api",
                "email",
                "web_form",
                "web_chat",
                "wechat",
                "phone",
                name="ticketchannel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("attachments", JSONB, server_default="[]", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "(direction = 'in') = (customer_id IS NOT NULL)",
            name=op.f("ck_ticket_messages_customers_write_in"),
        ),
        sa.CheckConstraint(
            "direction = 'out' OR is_public",
            name=op.f("ck_ticket_messages_customers_write_no_notes"),
        ),
        sa.CheckConstraint(
            "direction = 'out' OR user_id IS NULL", name=op.f("ck_ticket_messages_users_write_out")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customers.tenant_id", "customers.id"],
            name=op.f("fk_ticket_messages_tenant_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_messages_tenant_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_ticket_messages_tenant_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "channel_id"],
            ["channels.tenant_id", "channels.id"],
            name=op.f("fk_ticket_messages_tenant_id_channel_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ticket_messages")),
    )
    op.create_index(
        op.f("ix_ticket_messages_tenant_id_created_at_id"),
        "ticket_messages",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_messages_tenant_id_ticket_id_created_at_id"),
        "ticket_messages",
        ["tenant_id", "ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_ticket_messages_external_id",
        "ticket_messages",
        ["tenant_id", "external_id", "channel", "channel_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def _ticket_tags() -> None:
    op.create_table(
        "ticket_tags",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_ticket_tags_tenant_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "tag", "ticket_id", name=op.f("pk_ticket_tags")),
        info={"pointer": "/tags"},
    )
    op.create_index(
        op.f("ix_ticket_tags_tenant_id_ticket_id"),
        "ticket_tags",
        ["tenant_id", "ticket_id"],
        unique=False,
    )
