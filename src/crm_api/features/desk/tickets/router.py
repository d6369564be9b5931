from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import answered, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import TicketPage, TicketQuery, TicketSearch, TicketShown
from .resource import TICKET
from .schemas import TicketCreate, TicketId, TicketRead
from .service import TicketService

ids_in_paths(TICKET.prefix)
router = resource("tickets", "tickets")

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


@router.get("/{id:tic}", response_model=TicketRead)
async def get_ticket(
    tickets: Reader, id: TicketId, query: Annotated[TicketShown, asked(TicketShown)]
) -> Response:
    """Read a ticket."""
    return found(await tickets.get(id, query.expand))
