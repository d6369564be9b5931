"""journal partitions

The rows that are there become the first partition. That they are within its bounds is shown
before, while everybody writes, so that attaching it reads nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm_api.kit import tenancy
from crm_api.kit.ids import first_at
from crm_api.kit.partitions import TABLES, create_functions, drop_functions, partition

revision = "a9d3e5f17c20"
down_revision = "486e15a40739"

KEPT = "tenant_id, sequence, hash, created_at"
INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
MONTH = "SELECT date_trunc('month', (now() + interval '1 day') AT TIME ZONE 'UTC')"
INDEXES = {
    "ix_events_tenant_id_object_id_id": "(tenant_id, object_id, id)",
    "ix_events_sequence": "(tenant_id, sequence) WHERE sequence IS NOT NULL",
    "ix_events_unsequenced": "(tenant_id, id) WHERE sequence IS NULL",
    "ix_events_unchained": "(tenant_id, sequence) WHERE sequence IS NOT NULL AND hash IS NULL",
    "ix_events_type": "(tenant_id, type, sequence) WHERE sequence IS NOT NULL",
    "ix_events_actor_id": "(tenant_id, actor_id, sequence) WHERE sequence IS NOT NULL",
    "ix_events_created_at": "(tenant_id, created_at, sequence) WHERE sequence IS NOT NULL",
}
OF_EVENT = """LEFT JOIN LATERAL (
  SELECT * FROM event_values WHERE tenant_id = e.tenant_id AND event_id = e.id OFFSET 0
) v ON true
WHERE e.sequence IS NOT NULL"""
VIEWS = {
    "audit_records": f"""
SELECT e.tenant_id, e.id, e.sequence, e.type, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.created_at, encode(e.hash, 'hex') AS hash,
       v.changes::json AS changes, v.data IS NULL AND v.changes IS NULL AS erased
FROM events e {OF_EVENT}""",
    "journal_events": f"""
SELECT e.tenant_id, e.id, e.type, e.schema_version, e.sequence, e.created_at,
       NULL::text AS business_unit_id, e.object_id, e.version, e.version AS object_version,
       e.actor_id, e.request_id, e.causation_id, e.causation_depth, v.data, v.changes,
       v.event_id IS NULL AS erased
FROM events e {OF_EVENT}""",
}


def upgrade() -> None:
    month: datetime = op.get_bind().scalar(sa.text(MONTH))
    bound = first_at((month + timedelta(days=32)).replace(day=1, tzinfo=UTC))
    with op.get_context().autocommit_block():
        execute(_prepared(bound))
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(f"DROP VIEW {name}" for name in VIEWS)
    op.execute("DROP INDEX uq_events_sequence")
    execute(f"ALTER INDEX {name} RENAME TO {name}_{month:%Y_%m}" for name in INDEXES)
    for table in TABLES:
        execute(partition(table, f"{table}_{month:%Y_%m}", bound))
    op.add_column("audit_checkpoints", sa.Column("cut_at", INSTANT, nullable=True))
    op.execute(f"REVOKE INSERT ON audit_checkpoints FROM {tenancy.APP}")
    op.execute(f"GRANT INSERT ({KEPT}) ON audit_checkpoints TO {tenancy.APP}")
    _complete()
    execute(create_functions())
    op.execute("SELECT add_journal_months(3)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    execute(drop_functions())
    execute(f"DROP VIEW {name}" for name in VIEWS)
    for table in TABLES:
        execute(_whole(table))
    _complete()
    op.execute("DROP INDEX ix_events_sequence")
    op.execute(f"CREATE UNIQUE INDEX uq_events_sequence ON events {INDEXES['ix_events_sequence']}")
    op.execute(f"GRANT INSERT ON audit_checkpoints TO {tenancy.APP}")
    op.drop_column("audit_checkpoints", "cut_at")


def _prepared(bound: UUID) -> Iterator[str]:
    """What takes long, done so that nobody waits for it; it may be done again."""
    yield "SET lock_timeout = '2s'"
    for table, key in TABLES.items():
        yield f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS before"
        yield f"ALTER TABLE {table} ADD CONSTRAINT before CHECK ({key} < '{bound}') NOT VALID"
        yield f"ALTER TABLE {table} VALIDATE CONSTRAINT before"
    yield "DROP INDEX CONCURRENTLY IF EXISTS ix_events_sequence"
    yield (
        f"CREATE INDEX CONCURRENTLY ix_events_sequence ON events {INDEXES['ix_events_sequence']}"
    )
    yield "RESET lock_timeout"


def _complete() -> None:
    """Indexes, policies, rights and views, as they are on either kind of table."""
    execute(f"CREATE INDEX {name} ON events {says}" for name, says in INDEXES.items())
    for table in TABLES:
        execute(tenancy.protect(table))
    settable = ("sequence", "hash", "values_digest")
    execute(tenancy.append_only("events", erasable=False, settable=settable))
    execute(tenancy.append_only("event_values", erasable=True, settable=("salt",)))
    execute(tenancy.sealed("events", "hash"))
    execute(tenancy.sealed("event_values", "salt"))
    for name, says in VIEWS.items():
        op.execute(f"CREATE VIEW {name} WITH (security_invoker = true) AS {says}")
        op.execute(f"ALTER VIEW {name} OWNER TO {tenancy.OWNER}")
        op.execute(f"GRANT SELECT ON {name} TO {tenancy.APP}")


def _whole(table: str) -> Iterator[str]:
    """The rows of all partitions in one table again."""
    key = TABLES[table]
    yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} RENAME TO {table}_parted"
    yield f"ALTER TABLE {table}_parted RENAME CONSTRAINT pk_{table} TO pk_{table}_parted"
    yield (
        f"CREATE TABLE {table} (LIKE {table}_parted INCLUDING DEFAULTS, "
        f"CONSTRAINT pk_{table} PRIMARY KEY (tenant_id, {key}))"
    )
    yield f"INSERT INTO {table} SELECT * FROM {table}_parted"
    yield f"DROP TABLE {table}_parted"


def execute(statements: Iterable[str]) -> None:
    for statement in statements:
        op.execute(statement)
