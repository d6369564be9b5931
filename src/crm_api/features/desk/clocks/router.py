from typing import Annotated

from fastapi import Response

from crm_api.features.desk.sla_policies.resource import SLA_POLICY
from crm_api.features.desk.sla_policies.schemas import SlaPolicyId
from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import SlaRead, SlaTrial
from .service import ClockService

ids_in_paths(SLA_POLICY.prefix)
router = resource("sla-policies", "sla-policies")

Reader = Annotated[ClockService, provide(ClockService, "sla_policies:read")]


@router.post("/{id:slp}/try", response_model=SlaRead)
async def try_sla_policy(clocks: Reader, id: SlaPolicyId, data: SlaTrial) -> Response:
    """Tell when a ticket would be due under a policy that came at some time, and why: which hours
    count until then, and which do not, holidays and make-up workdays (调休) by their names. Nothing
    is kept of it."""
    return said(await clocks.try_policy(id, data))
