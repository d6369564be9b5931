from typing import Annotated

from fastapi import Response

from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import RoutingTrial, RoutingTried
from .service import RoutingService

router = resource("routing-rules", "routing-rules")

SCOPES = ("routing_rules:read", "queues:read", "agents:read", "customers:read")
Reader = Annotated[RoutingService, provide(RoutingService, *SCOPES)]


@router.post("/try", response_model=RoutingTried)
async def try_routing_rules(routing: Reader, data: RoutingTrial) -> Response:
    """Tell which rule would fit a ticket just now, and who would be given it, and why others would
    not. Nothing is made or given."""
    return said(await routing.tried(data))
