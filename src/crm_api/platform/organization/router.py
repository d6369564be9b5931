from typing import Annotated

from fastapi import Response

from crm_api.kit.http import changed, found
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import TenantRead, TenantUpdate
from .service import TenantService

router = resource("tenant", "tenant")

Reader = Annotated[TenantService, provide(TenantService, "tenant:read")]
Writer = Annotated[TenantService, provide(TenantService, "tenant:write")]


@router.get("", response_model=TenantRead)
async def get_tenant(tenant: Reader) -> Response:
    """Read the settings of the tenant that the key belongs to."""
    return found(await tenant.get())


@router.patch("", response_model=TenantRead)
async def update_tenant(tenant: Writer, data: TenantUpdate) -> Response:
    """Change the settings of the tenant. Processes learn of it within a second."""
    return changed(await tenant.update(data))
