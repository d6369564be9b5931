"""event envelope"""

import sqlalchemy as sa
from alembic import op

from crm_api.kit import tenancy

revision = "f4b7d2c93a16"
down_revision = "0c8e5b6d1f47"

EVENTS = """
CREATE VIEW journal_events WITH (security_invoker = true) AS
SELECT e.tenant_id, e.id, e.type, e.schema_version, e.sequence, e.created_at,
       NULL::text AS business_unit_id, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.causation_depth, v.data, v.changes,
       v.event_id IS NULL AS erased
FROM events e LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true
WHERE e.sequence IS NOT NULL"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column(
        "events", sa.Column("schema_version", sa.SmallInteger(), server_default="1", nullable=False)
    )
    op.add_column(
        "events",
        sa.Column("causation_depth", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.create_table(
        "sequencer_state",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_sequencer_state")),
    )
    for statement in tenancy.own("sequencer_state"):
        op.execute(statement)
    op.execute(EVENTS)
    op.execute(f"ALTER VIEW journal_events OWNER TO {tenancy.OWNER}")
    op.execute(f"GRANT SELECT ON journal_events TO {tenancy.APP}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP VIEW journal_events")
    op.drop_table("sequencer_state")
    op.drop_column("events", "causation_depth")
    op.drop_column("events", "schema_version")
