from typing import Annotated

from fastapi import Response

from crm_api.features.desk.clocks.schemas import SlaEventPage, SlaEventQuery, SlaRead
from crm_api.features.desk.sla_policies.resource import SLA_POLICY
from crm_api.features.desk.sla_policies.schemas import SlaPolicyId
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.asked import asked
from crm_api.kit.http import listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import SlaSimulated, SlaSimulation
from .service import ServiceLevelService

ids_in_paths(TICKET.prefix)
ids_in_paths(SLA_POLICY.prefix)
router = resource("tickets", "tickets")
policies = resource("sla-policies", "sla-policies")

Simulator = Annotated[
    ServiceLevelService, provide(ServiceLevelService, "sla_policies:write", "tickets:read")
]
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


@policies.post("/{id:slp}/simulate", response_model=SlaSimulated)
async def simulate_sla_policy(levels: Simulator, id: SlaPolicyId, data: SlaSimulation) -> Response:
    """Hold past tickets against a policy, as if it had been theirs all along: how many would have
    been too late, and how many were. Nothing is changed, so try a change on a disabled copy of a
    policy before you make it."""
    return said(await levels.simulate(id, data))
