from typing import Annotated, Any

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import answered, listed
from crm_api.kit.journal import EVENT, EventId
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import (
    EventPage,
    EventQuery,
    EventRead,
    EventStreamQuery,
    StreamedEvent,
)
from .service import EventService
from .streaming import EventStream, asked_again

ids_in_paths(EVENT)
router = resource("events", "events")
MAY_EXPIRE: dict[str, Any] = {"x-problems": ["410"]}
STREAMS = {**MAY_EXPIRE, "x-streams": True}

Reader = Annotated[EventService, provide(EventService, "events:read")]


@router.get("", response_model=EventPage, openapi_extra=MAY_EXPIRE)
async def list_events(events: Reader, query: Annotated[EventQuery, asked(EventQuery)]) -> Response:
    """List what happened, oldest first, to follow it: ask again with the last event as `after`.

    An event is listed once it has its number, a moment after it was made; nothing is ever listed
    before one that was. You see events of the nouns that your key may read. Where nothing is new
    the page is empty; where `after` is older than the feed goes back the answer is 410.
    """
    return listed(await events.list(query))


@router.get("/stream", response_model=StreamedEvent, openapi_extra=STREAMS)
async def stream_events(
    events: Reader, query: Annotated[EventStreamQuery, asked_again(EventStreamQuery)]
) -> Response:
    """Follow what happens as it happens, as server-sent events.

    Every fifteen seconds without an event there is a comment, to keep the connection. When it
    breaks, come again with the last id in `Last-Event-ID`: no event is passed over. A key may hold
    ten streams open. A stream ends a few seconds after its key does.
    """
    return EventStream(events.ctx, await events.from_there(query), query.type)


@router.get("/{id:evt}", response_model=EventRead, openapi_extra=MAY_EXPIRE)
async def get_event(events: Reader, id: EventId) -> Response:
    """Read an event, while the feed holds it. It never changes, but its values may be erased."""
    return answered((await events.get(id)).encode())
