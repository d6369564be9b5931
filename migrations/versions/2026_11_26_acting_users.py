"""acting users

The index is built a month at a time, while everybody writes; who is told that it waited too long
runs it again.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from alembic import op

from crm_api.kit import tenancy

revision = "7b1f4e8d20c6"
down_revision = "5d0e7b1c94fa"

INDEXED = "(tenant_id, user_id, sequence) WHERE sequence IS NOT NULL AND user_id IS NOT NULL"
MONTHS = sa.text("""
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'events'::regclass AND NOT EXISTS (
  SELECT FROM pg_inherits part JOIN pg_index x ON x.indexrelid = part.inhrelid
  WHERE part.inhparent = 'ix_events_user_id'::regclass AND x.indrelid = c.oid)
ORDER BY 1""")
OF_EVENT = """LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true
WHERE e.sequence IS NOT NULL"""
VIEWS = {
    "audit_records": """
SELECT e.tenant_id, e.id, e.sequence, e.type, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.created_at, encode(e.hash, 'hex') AS hash,
       v.changes::json AS changes, v.data IS NULL AND v.changes IS NULL AS erased""",
    "journal_events": """
SELECT e.tenant_id, e.id, e.type, e.schema_version, e.sequence, e.created_at,
       NULL::text AS business_unit_id, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.causation_depth, v.data, v.changes,
       v.event_id IS NULL AS erased""",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        execute(_prepared())
        for month in op.get_bind().scalars(MONTHS).all():
            execute(_indexed(month))
        op.execute("RESET lock_timeout")
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(tenancy.chained("events", "user_id"))
    for name, says in VIEWS.items():
        op.execute(f"CREATE OR REPLACE VIEW {name} {_says(says, ', e.user_id')}")
    op.add_column("jobs", sa.Column("user_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_column("jobs", "user_id")
    for name, says in VIEWS.items():
        op.execute(f"DROP VIEW {name}")
        op.execute(f"CREATE VIEW {name} {_says(says)}")
        op.execute(f"ALTER VIEW {name} OWNER TO {tenancy.OWNER}")
        op.execute(f"GRANT SELECT ON {name} TO {tenancy.APP}")
    execute(tenancy.unchained("events"))
    op.execute("DROP INDEX ix_events_user_id")
    op.drop_column("events", "user_id")


def _prepared() -> Iterator[str]:
    """The column, and an index that has no parts yet; those of later months come with them."""
    yield "SET lock_timeout = '2s'"
    yield "ALTER TABLE events ADD COLUMN IF NOT EXISTS user_id uuid"
    yield f"CREATE INDEX IF NOT EXISTS ix_events_user_id ON ONLY events {INDEXED}"


def _indexed(month: str) -> Iterator[str]:
    """Its part of the index, as the database itself would call it."""
    part = f"{month}_tenant_id_user_id_sequence_idx"
    yield f"DROP INDEX CONCURRENTLY IF EXISTS {part}"
    yield f"CREATE INDEX CONCURRENTLY {part} ON {month} {INDEXED}"
    yield f"ALTER INDEX ix_events_user_id ATTACH PARTITION {part}"


def _says(select: str, more: str = "") -> str:
    return f"WITH (security_invoker = true) AS {select}{more} FROM events e {OF_EVENT}"


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
