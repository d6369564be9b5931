from typing import Annotated

from fastapi import Response

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId, TicketRead
from crm_api.kit.http import changed, put
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import TicketLinkTo, TicketMerge, TicketSplitOff
from .service import TieService

ids_in_paths(TICKET.prefix)
router = resource("tickets", "tickets")

Writer = Annotated[TieService, provide(TieService, "tickets:write")]


@router.post("/{id:tic}/merge", response_model=TicketRead)
async def merge_ticket(ties: Writer, id: TicketId, data: TicketMerge) -> Response:
    """Close a ticket, and let another one go on in its place.

    The messages of both stand among those of the one that goes on, and what is written to the
    closed one is written there. Its tags and who takes part in it join those that are there; who
    asked is sent copies. A ticket is not merged into itself, nor into one that is merged or closed
    (409).
    """
    return changed(await ties.merge(id, data))


@router.post("/{id:tic}/split", status_code=201, response_model=TicketRead)
async def split_ticket(ties: Writer, id: TicketId, data: TicketSplitOff) -> Response:
    """Make a new ticket of some messages of a ticket, which are the new one's from then on. It is
    about the same as the other one, and open; nobody has taken it on."""
    return put(await ties.split(id, data), "/v1/tickets")


@router.post("/{id:tic}/link", response_model=TicketRead)
async def link_ticket(ties: Writer, id: TicketId, data: TicketLinkTo) -> Response:
    """Say what a ticket has to do with another one. Both say it in their `links`: what one blocks
    is `blocked_by` it."""
    return changed(await ties.link(id, data))


@router.post("/{id:tic}/unlink", response_model=TicketRead)
async def unlink_ticket(ties: Writer, id: TicketId, data: TicketLinkTo) -> Response:
    """Say that a ticket has nothing to do with another one, in this way."""
    return changed(await ties.unlink(id, data))
