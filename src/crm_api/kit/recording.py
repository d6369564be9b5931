from .context import Context
from .events import Event
from .journal import Recorded


def recorded(ctx: Context, event: Event, version: int, reason: str | None) -> Recorded:
    """An event of a unit of work, on its way into the journal."""
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
