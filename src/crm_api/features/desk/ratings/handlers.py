from crm_api.features.desk.handling.events import TicketClosed, TicketResolved
from crm_api.kit.context import Context
from crm_api.kit.events import Subscriptions

from .service import RatingService

subscriptions = Subscriptions()


@subscriptions.on(TicketResolved)
async def ask_how_it_was(ctx: Context, event: TicketResolved) -> None:
    await RatingService(ctx).follow(event.object_id)


@subscriptions.on(TicketClosed)
async def ask_how_it_was_at_once(ctx: Context, event: TicketClosed) -> None:
    """Where it was not said before that it is resolved."""
    await RatingService(ctx).follow(event.object_id, closed=True)
