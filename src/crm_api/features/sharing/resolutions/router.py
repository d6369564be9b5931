from typing import Annotated

from fastapi import Response

from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import CustomerResolution, CustomerResolve
from .service import ResolutionService

router = resource("customers", "customers")

Reader = Annotated[ResolutionService, provide(ResolutionService, "customers:read")]


@router.post("/resolve", response_model=CustomerResolution)
async def resolve_customers(customers: Reader, data: CustomerResolve) -> Response:
    """Find out who is meant by an e-mail, phone, WeChat id, external id or USCC, exactly.

    Whoever sees some customers only may also be told that the group knows somebody else, 60 times a
    minute at most, and gets a `reference` to ask for access by.
    """
    return said(await customers.resolve(data))
