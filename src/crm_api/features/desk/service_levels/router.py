from typing import Annotated

from fastapi import Response

from crm_api.features.desk.clocks.schemas import SlaEventPage, SlaEventQuery, SlaRead
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.asked import asked
from crm_api.kit.http import listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .service import ServiceLevelService

ids_in_paths(TICKET.prefix)
router = resource("tickets", "tickets")

Reader = Annotated[ServiceLevelService, provide(ServiceLevelService, "tickets:read")]


@router.get("/{id:tic}/sla", response_model=SlaRead)
async def explain_ticket_sla(levels: Reader, id: TicketId) -> Response:
    """Tell how much time is left for a ticket, and why: of each clock what counted, what did not,
    and by which hours, holidays and make-up workdays (调休)."""
    return said(await levels.explain(id))


@router.get("/{id:tic}/sla-events", response_model=SlaEventPage)
async def list_ticket_sla_events(
    levels: Reader, id: TicketId, query: Annotated[SlaEventQuery, asked(SlaEventQuery)]
) -> Response:
    """List what became of the clocks of a ticket, oldest first: begun, paused, resumed, met,
    breached, escalated."""
    return listed(await levels.history(id, query))
