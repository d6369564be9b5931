"""Who begins and ceases to see a record, as what makes him see it changes."""

from dataclasses import asdict, dataclass
from uuid import UUID

from .context import Context
from .db import table_of
from .reach import ByViewers
from .resource import Resource


@dataclass(frozen=True, slots=True)
class Because:
    """What makes viewers see a record, such as the profile that a unit has of it."""

    source_id: UUID
    unit_id: UUID
    writes: bool = True


def set_viewers(
    ctx: Context, noun: Resource, id: UUID, because: Because, before: set[UUID], after: set[UUID]
) -> None:
    """From the commit on these see a record for this cause, in place of those before."""
    sight = noun.model.sight
    assert isinstance(sight, ByViewers)
    table, told = table_of(sight.model), asdict(because)
    named = {sight.record: id, "source_id": because.source_id}
    for viewer in sorted(before - after):
        ctx.work.stage("delete", table, {**named, "viewer_id": viewer})
    for viewer in sorted(after - before):
        ctx.work.stage("insert", table, {**named, **told, "viewer_id": viewer})
