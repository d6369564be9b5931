from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import TICKET_STATUS
from .schemas import (
    TicketStatusCreate,
    TicketStatusId,
    TicketStatusPage,
    TicketStatusQuery,
    TicketStatusRead,
    TicketStatusUpdate,
)
from .service import TicketStatusService

ids_in_paths(TICKET_STATUS.prefix)
router = resource("ticket-statuses", "ticket-statuses")

Reader = Annotated[TicketStatusService, provide(TicketStatusService, "ticket_statuses:read")]
Writer = Annotated[TicketStatusService, provide(TicketStatusService, "ticket_statuses:write")]


@router.get("", response_model=TicketStatusPage)
async def list_ticket_statuses(
    statuses: Reader, query: Annotated[TicketStatusQuery, asked(TicketStatusQuery)]
) -> Response:
    """List ticket statuses, live ones unless `state` says otherwise, in their order."""
    return listed(await statuses.list(query))


@router.post("", status_code=201, response_model=TicketStatusRead)
async def create_ticket_status(statuses: Writer, data: TicketStatusCreate) -> Response:
    """Add a status to a category, such as "Waiting for spare parts"."""
    return created(statuses.create(data))


@router.get("/{id:tst}", response_model=TicketStatusRead)
async def get_ticket_status(statuses: Reader, id: TicketStatusId) -> Response:
    """Read a status. An archived one is answered: look at its `state`."""
    return found(await statuses.get(id))


@router.patch("/{id:tst}", response_model=TicketStatusRead)
async def update_ticket_status(
    statuses: Writer, id: TicketStatusId, data: TicketStatusUpdate
) -> Response:
    """Rename a status, or let it stand elsewhere among the others."""
    return changed(await statuses.update(id, data))


@router.post("/{id:tst}/archive", response_model=TicketStatusRead)
async def archive_ticket_status(statuses: Writer, id: TicketStatusId) -> Response:
    """Take a status out of use: tickets that have it keep it. The default one of a category
    stays (409)."""
    return changed(await statuses.archive(id))


@router.post("/{id:tst}/restore", response_model=TicketStatusRead)
async def restore_ticket_status(statuses: Writer, id: TicketStatusId) -> Response:
    """Put an archived status into use again."""
    return changed(await statuses.restore(id))
