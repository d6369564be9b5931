"""Events at rest: one row is event, audit record and outbox entry.

What a person may ask us to forget stands beside it, in a row of its own that erasure can empty.
`sequence` is given after the commit, by one sequencer, so that writers never wait for each other,
and with it the `hash` that ties the event to the one before.
"""

from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from sqlalchemy import BigInteger, Index, SmallInteger, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, table_of
from .ids import Prefix

EVENT = Prefix("evt")
EventId = Annotated[UUID, EVENT]


class EventRow(Base):
    __tablename__ = "events"
    __table_args__ = {"postgresql_partition_by": "RANGE (id)"}

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    schema_version: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    object_id: Mapped[UUID]
    version: Mapped[int]
    actor_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    request_id: Mapped[str]
    causation_id: Mapped[UUID | None]
    causation_depth: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime]
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[bytes | None]
    values_digest: Mapped[bytes | None]


Index(None, EventRow.tenant_id, EventRow.object_id, EventRow.id)
# Not unique, because the key of a partition is not in it: the sequencer is alone with a tenant.
Index(
    "ix_events_sequence",
    EventRow.tenant_id,
    EventRow.sequence,
    postgresql_where=text("sequence IS NOT NULL"),
)
Index(
    "ix_events_unsequenced",
    EventRow.tenant_id,
    EventRow.id,
    postgresql_where=text("sequence IS NULL"),
)

# The writing path pays for none of these: an event that has no number yet is in none of them.
Index(
    "ix_events_unchained",
    EventRow.tenant_id,
    EventRow.sequence,
    postgresql_where=text("sequence IS NOT NULL AND hash IS NULL"),
)
Index(
    "ix_events_user_id",
    EventRow.tenant_id,
    EventRow.user_id,
    EventRow.sequence,
    postgresql_where=text("sequence IS NOT NULL AND user_id IS NOT NULL"),
)
for _column in (EventRow.type, EventRow.actor_id, EventRow.created_at):
    Index(
        f"ix_events_{_column.key}",
        EventRow.tenant_id,
        _column,
        EventRow.sequence,
        postgresql_where=text("sequence IS NOT NULL"),
    )
Index(
    "ix_events_causation_id",
    EventRow.tenant_id,
    EventRow.causation_id,
    EventRow.sequence,
    postgresql_where=text("sequence IS NOT NULL AND causation_id IS NOT NULL"),
)


class EventValues(Base):
    """`data` is the object as a GET shows it; `changes` its changed fields, old and new; `reason`
    why somebody did it, where he was asked.

    Without `salt`, which goes with them, nobody can guess values back from their digest.
    """

    __tablename__ = "event_values"
    __table_args__ = {"postgresql_partition_by": "RANGE (event_id)"}

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    data: Mapped[str | None]
    changes: Mapped[str | None]
    reason: Mapped[str | None]
    salt: Mapped[UUID | None] = mapped_column(server_default=text("gen_random_uuid()"))


EVENTS, VALUES = table_of(EventRow), table_of(EventValues)
OF_EVENT = and_(VALUES.c.tenant_id == EVENTS.c.tenant_id, VALUES.c.event_id == EVENTS.c.id)
"""Joins an event with its values."""


class Recorded(TypedDict):
    """An event on its way into the journal; `before` is the object's document before it."""

    id: UUID
    type: str
    schema_version: int
    object_id: UUID
    version: int
    actor_id: UUID
    user_id: UUID | None
    request_id: str
    causation_id: UUID | None
    causation_depth: int
    created_at: datetime
    before: str | None
    reason: str | None


# Both documents come from one projection: the same keys in the same order.
CHANGES_FUNCTION = """
CREATE OR REPLACE FUNCTION event_changes(before json, after json) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
  SELECT json_object_agg(key, json_build_object('old', old, 'new', new))::jsonb::text
  FROM ROWS FROM (json_each(before), json_each(after)) AS field(key, old, same, new)
  WHERE old::text <> new::text AND key NOT IN ('version', 'updated_at')
)"""
