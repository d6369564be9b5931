from typing import Annotated

from fastapi import Response

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId, TicketRead
from crm_api.kit.http import changed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import TicketAssign, TicketClose, TicketMove, TicketSnooze, TicketWait
from .service import HandlingService

ids_in_paths(TICKET.prefix)
router = resource("tickets", "tickets")

Writer = Annotated[HandlingService, provide(HandlingService, "tickets:write")]


@router.post("/{id:tic}/assign", response_model=TicketRead)
async def assign_ticket(handling: Writer, id: TicketId, data: TicketAssign) -> Response:
    """Say who takes a ticket on, or that nobody does any more."""
    return changed(await handling.assign(id, data))


@router.post("/{id:tic}/wait", response_model=TicketRead)
async def wait_ticket(handling: Writer, id: TicketId, data: TicketWait) -> Response:
    """Let a ticket wait, for the customer or for somebody else; it ends when the customer writes,
    or by `resume`."""
    return changed(await handling.wait(id, data))


@router.post("/{id:tic}/snooze", response_model=TicketRead)
async def snooze_ticket(handling: Writer, id: TicketId, data: TicketSnooze) -> Response:
    """Let a ticket wait until a time; then it is open again by itself: `ticket.woken`."""
    return changed(await handling.snooze(id, data))


@router.post("/{id:tic}/resume", response_model=TicketRead)
async def resume_ticket(handling: Writer, id: TicketId, data: TicketMove) -> Response:
    """Work on a ticket that waits."""
    return changed(await handling.resume(id, data))


@router.post("/{id:tic}/resolve", response_model=TicketRead)
async def resolve_ticket(handling: Writer, id: TicketId, data: TicketMove) -> Response:
    """Say that what the customer wanted is done. If the customer writes again within the days that
    the tenant has settled (`reopen_days`), it is open again."""
    return changed(await handling.resolve(id, data))


@router.post("/{id:tic}/close", response_model=TicketRead)
async def close_ticket(handling: Writer, id: TicketId, data: TicketClose) -> Response:
    """Say that nothing more is done about it, for good: what the customer writes from then on makes
    another ticket, which follows this one."""
    return changed(await handling.close(id, data))


@router.post("/{id:tic}/reopen", response_model=TicketRead)
async def reopen_ticket(handling: Writer, id: TicketId, data: TicketMove) -> Response:
    """Work on a resolved ticket again: within the days that the tenant has settled (409 later)."""
    return changed(await handling.reopen(id, data))
