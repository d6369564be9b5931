"""The records of one moment, and where in the journal it is."""

from functools import partial
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.still import see

from .sequencer import Sequencer


async def stand_still(ctx: Context) -> UUID | None:
    """From here on `ctx` reads the records of one moment; it has to be new.

    The newest event that had happened by then, or null: the records show it and all before it, and
    nothing of those that are numbered later. Raises Unavailable.
    """
    return await Sequencer(ctx.house.pool).pause(ctx.tenant.id, partial(see, ctx))
