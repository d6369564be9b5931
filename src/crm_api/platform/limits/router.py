from typing import Annotated

from fastapi import Response

from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import Limits
from .service import LimitsService

router = resource("limits", "access")


@router.get("", response_model=Limits)
async def get_limits(limits: Annotated[LimitsService, provide(LimitsService)]) -> Response:
    """Tell what the key may use, what is left of it, and how large a request may be."""
    return said(limits.get())
