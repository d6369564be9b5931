"""To see whole what is masked: one record, and the audit tells who did, and why."""

from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from .context import Context
from .db import Entity
from .definitions import hidden
from .events import Event
from .projection import Written
from .repository import Repository
from .ruled import NO_MASKS
from .schema import Read

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=Read)


async def unmasked(
    records: Repository[M, R], id: UUID, event: type[Event], reason: str
) -> Written[R]:
    """A record as it is, for a caller who else sees it masked, and the event that tells of him.

    A rehearsal shows what a GET does: nothing would remain that tells of it. Raises NotFound.
    """
    if not records.ctx.dry_run:
        _unmask(records.ctx)
    return await records.tell(id, event, reason)


def _unmask(ctx: Context) -> None:
    ctx.actor = replace(ctx.actor, masked=False, masks=NO_MASKS)
    ctx.work.hidden = hidden(ctx.fields or {}, masked=False)
