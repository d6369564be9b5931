"""audit chain

Events that are there already are chained by `crm-api worker`, a batch at a time.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy

revision = "5a2d1b8f3c04"
down_revision = "8d5a4ebc6f37"

NUMBERED = sa.text("sequence IS NOT NULL")
UNCHAINED = sa.text("sequence IS NOT NULL AND hash IS NULL")
LISTED_BY = ("type", "actor_id", "created_at")
RECORDS = """
CREATE VIEW audit_records WITH (security_invoker = true) AS
SELECT e.tenant_id, e.id, e.sequence, e.type, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.created_at, encode(e.hash, 'hex') AS hash,
       v.changes::json AS changes, v.data IS NULL AND v.changes IS NULL AS erased
FROM events e LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true
WHERE e.sequence IS NOT NULL"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.add_column("events", sa.Column("hash", sa.LargeBinary(), nullable=True))
    op.add_column("events", sa.Column("values_digest", sa.LargeBinary(), nullable=True))
    op.add_column("event_values", sa.Column("salt", sa.Uuid(), nullable=True))
    op.alter_column("event_values", "salt", server_default=sa.text("gen_random_uuid()"))
    op.create_index(
        "ix_events_unchained", "events", ["tenant_id", "sequence"], postgresql_where=UNCHAINED
    )
    for name in LISTED_BY:
        columns = ["tenant_id", name, "sequence"]
        op.create_index(f"ix_events_{name}", "events", columns, postgresql_where=NUMBERED)
    op.create_table(
        "audit_checkpoints",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_checkpoints")),
    )
    execute(tenancy.protect("audit_checkpoints"))
    execute(tenancy.append_only("audit_checkpoints", erasable=False))
    settable = ("sequence", "hash", "values_digest")
    execute(tenancy.append_only("events", erasable=False, settable=settable))
    execute(tenancy.append_only("event_values", erasable=True, settable=("salt",)))
    execute(tenancy.sealed("events", "hash"))
    execute(tenancy.sealed("event_values", "salt"))
    op.execute(RECORDS)
    op.execute(f"ALTER VIEW audit_records OWNER TO {tenancy.OWNER}")
    op.execute(f"GRANT SELECT ON audit_records TO {tenancy.APP}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP VIEW audit_records")
    op.execute("DROP POLICY sealed ON event_values")
    op.execute("DROP POLICY sealed ON events")
    op.drop_table("audit_checkpoints")
    for name in (*LISTED_BY, "unchained"):
        op.drop_index(f"ix_events_{name}", table_name="events")
    op.drop_column("event_values", "salt")
    op.drop_column("events", "values_digest")
    op.drop_column("events", "hash")


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
