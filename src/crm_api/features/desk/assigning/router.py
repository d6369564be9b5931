from typing import Annotated

from fastapi import Response

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId, TicketRead
from crm_api.kit.http import changed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import TicketRoute
from .service import AssigningService

ids_in_paths(TICKET.prefix)
router = resource("tickets", "tickets")

Writer = Annotated[AssigningService, provide(AssigningService, "tickets:write")]


@router.post("/{id:tic}/route", response_model=TicketRead)
async def route_ticket(assigning: Writer, id: TicketId, data: TicketRoute) -> Response:
    """Take a ticket from whoever has it, and give it to whose turn it is in its queue, or in
    another one. Where nobody can take it just now it waits there."""
    return changed(await assigning.route(id, data))
