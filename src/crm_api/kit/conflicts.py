"""412 that says how to go on: what others have changed since, and what the caller wanted there."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import bindparam, select

from .context import Context
from .db import Entity
from .errors import PreconditionFailed
from .journal import EVENTS, OF_EVENT, VALUES
from .ruled import hidden_of
from .statement import TENANT, in_tenant

MOVING = ("version", "updated_at")
AS_IT_WAS = in_tenant(
    select(VALUES.c.data)
    .join_from(EVENTS, VALUES, OF_EVENT)
    .where(
        EVENTS.c.tenant_id == TENANT,
        EVENTS.c.object_id == bindparam("object_id"),
        EVENTS.c.version == bindparam("version"),
    )
    .limit(1)
    .scalar_subquery()
)


async def expect(ctx: Context, row: Entity | None, *, explained: bool = True) -> None:
    """Refuse to change what the caller has not seen, and say what he has missed.

    Raises PreconditionFailed; its `changed` is null where the history does not know the version,
    and where the record is not to be `explained`.
    """
    try:
        ctx.expect(row.version if row else None)
    except PreconditionFailed as problem:
        problem.extra["changed"] = await _changed_since(ctx, row) if row and explained else None
        raise


async def _changed_since(ctx: Context, row: Entity) -> list[dict[str, Any]] | None:
    """What is hidden from the caller has not changed for him."""
    asked = {"object_id": row.id, "version": ctx.seen}
    base = await ctx.work.fetch(AS_IT_WAS, asked) if ctx.seen else None
    if base is None:
        return None
    before, now = from_json(base), from_json(ctx.work.before[row.id])
    passed_over = {*MOVING, *hidden_of(type(row), ctx.actor.masks)}
    return [
        {"pointer": f"/{name}", "base": before.get(name), "theirs": value}
        for name, value in now.items()
        if before.get(name) != value and name not in passed_over
    ]


def say_yours(problem: PreconditionFailed, body: bytes) -> None:
    """What the caller wants stands beside what others have changed in the same field."""
    try:
        sent = from_json(body)
    except ValueError:
        return
    for field in problem.extra.get("changed") or ():
        name = field["pointer"][1:]
        if isinstance(sent, dict) and name in sent:
            field["yours"] = sent[name]
