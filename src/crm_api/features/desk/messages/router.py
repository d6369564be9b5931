from typing import Annotated

from fastapi import Response

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.asked import asked
from crm_api.kit.http import found, listed, put
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import WHATEVER_VERSION, resource

from .resource import TICKET_MESSAGE
from .schemas import (
    MessageQuery,
    TicketMessageId,
    TicketMessagePage,
    TicketMessageRead,
    TicketNote,
    TicketReceipt,
    TicketReply,
)
from .service import MessageService

ids_in_paths(TICKET.prefix)
ids_in_paths(TICKET_MESSAGE.prefix)
router = resource("ticket-messages", "tickets")
of_tickets = resource("tickets", "tickets")

PLACE = "/v1/ticket-messages"
Reader = Annotated[MessageService, provide(MessageService, "tickets:read")]
Writer = Annotated[MessageService, provide(MessageService, "tickets:write")]


@router.get("/{id:msg}", response_model=TicketMessageRead)
async def get_ticket_message(messages: Reader, id: TicketMessageId) -> Response:
    """Read a message by its own id, as events name it."""
    return found(await messages.get(id))


@of_tickets.get("/{id:tic}/messages", response_model=TicketMessagePage)
async def list_ticket_messages(
    messages: Reader, id: TicketId, query: Annotated[MessageQuery, asked(MessageQuery)]
) -> Response:
    """List what was said about a ticket, oldest first: by the customer, to the customer, and in
    notes."""
    return listed(await messages.of(id, query))


@of_tickets.post("/{id:tic}/reply", status_code=201, response_model=TicketMessageRead)
async def reply_ticket(messages: Writer, id: TicketId, data: TicketReply) -> Response:
    """Answer the requester, and say how far the ticket is then. A closed ticket has no more answers
    (409).

    Send the `ETag` of the ticket in `If-Match`, and nobody answers what somebody else has answered.
    """
    return put(await messages.reply(id, data), PLACE)


@of_tickets.post(
    "/{id:tic}/note",
    status_code=201,
    response_model=TicketMessageRead,
    openapi_extra=WHATEVER_VERSION,
)
async def note_ticket(messages: Writer, id: TicketId, data: TicketNote) -> Response:
    """Write something down that customers do not see."""
    return put(await messages.note(id, data), PLACE)


@of_tickets.post(
    "/{id:tic}/receive",
    response_model=TicketMessageRead,
    responses={201: {"model": TicketMessageRead}},
    openapi_extra=WHATEVER_VERSION,
)
async def receive_ticket(messages: Writer, id: TicketId, data: TicketReceipt) -> Response:
    """Write down what a customer has written or said: 201, or 200 for what was there already.

    A ticket that waits or is resolved is open again. What belongs to one that is merged, closed, or
    was resolved too long ago, is in the ticket that goes on in its place: see `ticket_id`.
    """
    return put(await messages.receive(id, data), PLACE)
