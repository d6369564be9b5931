from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.external_ids import router as external_ids

from .queries import (
    TicketAggregate,
    TicketPage,
    TicketQuery,
    TicketSearch,
    TicketShown,
    TicketThen,
)
from .resource import TICKET
from .schemas import (
    TicketBatch,
    TicketCreate,
    TicketId,
    TicketRead,
    TicketUpdate,
    TicketUpsert,
)
from .service import TicketService

ids_in_paths(TICKET.prefix)
router = resource("tickets", "tickets")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=TICKET,
        service=TicketService,
        read=TicketRead,
        shown=TicketShown,
        upsert=TicketUpsert,
        batch=TicketBatch,
        ended="Who takes it on and how far it is stays as it is.",
    )
)

Reader = Annotated[TicketService, provide(TicketService, "tickets:read")]
Writer = Annotated[TicketService, provide(TicketService, "tickets:write")]


@router.get("", response_model=TicketPage)
async def list_tickets(
    tickets: Reader, query: Annotated[TicketQuery, asked(TicketQuery)]
) -> Response:
    """List tickets, newest first.

    "My tickets" is `assignee_id` with `category=open` and `sort=due_at`.
    """
    return listed(await tickets.list(query))


@router.post("", status_code=201, response_model=TicketRead)
async def create_ticket(tickets: Writer, data: TicketCreate) -> Response:
    """Write down what a customer wants."""
    return created(await tickets.create(data))


@router.post("/search", response_model=TicketPage)
async def search_tickets(tickets: Reader, data: TicketSearch) -> Response:
    """Find tickets by a filter over their fields, and over those of who asks."""
    return answered((await tickets.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_tickets(tickets: Reader, data: TicketAggregate) -> Response:
    """Count tickets in groups of up to three fields: by queue, by category, by week."""
    return answered(await tickets.aggregate(data))


@router.get("/{id:tic}", response_model=TicketRead)
async def get_ticket(
    tickets: Reader, id: TicketId, query: Annotated[TicketThen, asked(TicketThen)]
) -> Response:
    """Read a ticket, also as it was before.

    What whoever answers wants to see beside it: `expand=requester&expand=recent_orders`.
    """
    return found(await tickets.get(id, query.expand, query.as_of))


@router.patch("/{id:tic}", response_model=TicketRead)
async def update_ticket(tickets: Writer, id: TicketId, data: TicketUpdate) -> Response:
    """Change some fields. A patch that changes nothing makes no new version and no event."""
    return changed(await tickets.update(id, data))
