"""followed events

Each month is indexed while everybody writes; the index of the whole journal then finds those.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "7c2f4e91d0ab"
down_revision = "7e4c19a5b2d0"

SAYS = "(tenant_id, causation_id, sequence) WHERE sequence IS NOT NULL AND causation_id IS NOT NULL"
MONTHS = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1"""


def upgrade() -> None:
    months = op.get_bind().scalars(sa.text(MONTHS)).all()
    with op.get_context().autocommit_block():
        for statement in _prepared(months):
            op.execute(statement)
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(f"CREATE INDEX ix_events_causation_id ON events {SAYS}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_index("ix_events_causation_id", "events")


def _prepared(months: list[str]) -> Iterator[str]:
    """What takes long, done so that nobody waits for it; it may be done again."""
    yield "SET lock_timeout = '2s'"
    for month in months:
        name = f"{month}_causation_id"
        yield f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
        yield f"CREATE INDEX CONCURRENTLY {name} ON {month} {SAYS}"
    yield "RESET lock_timeout"
