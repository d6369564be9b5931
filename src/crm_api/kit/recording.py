"""Events of a unit of work, on their way into the journal."""

from uuid import UUID

from .context import Context
from .events import Event
from .journal import Recorded
from .schema import Read


def record(
    ctx: Context,
    read: type[Read],
    kind: type[Event],
    id: UUID,
    version: int,
    reason: str | None = None,
) -> None:
    """What has happened to a record, which has this version from then on, and why."""
    event = kind(id, depth=ctx.cause.next if ctx.cause else 0)
    ctx.work.record(_recorded(ctx, event, version, reason), read)
    ctx.emit(event)


def _recorded(ctx: Context, event: Event, version: int, reason: str | None) -> Recorded:
    return {
        "id": event.id,
        "type": event.type,
        "schema_version": event.schema_version,
        "object_id": event.object_id,
        "version": version,
        "actor_id": ctx.actor.id,
        "user_id": ctx.actor.user_id,
        "request_id": ctx.request_id,
        "causation_id": ctx.cause.id if ctx.cause else None,
        "causation_depth": event.depth,
        "created_at": ctx.now,
        "before": ctx.work.before.get(event.object_id),
        "reason": reason,
    }
