from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import QUOTA
from .schemas import QuotaCreate, QuotaId, QuotaPage, QuotaQuery, QuotaRead, QuotaUpdate
from .service import QuotaService

ids_in_paths(QUOTA.prefix)
router = resource("quotas", "quotas")

Reader = Annotated[QuotaService, provide(QuotaService, "quotas:read")]
Writer = Annotated[QuotaService, provide(QuotaService, "quotas:write")]


@router.get("", response_model=QuotaPage)
async def list_quotas(quotas: Reader, query: Annotated[QuotaQuery, asked(QuotaQuery)]) -> Response:
    """List quotas, newest first."""
    return listed(await quotas.list(query))


@router.post("", status_code=201, response_model=QuotaRead)
async def create_quota(quotas: Writer, data: QuotaCreate) -> Response:
    """Say what is to be won in a period: by a user, in a unit, by a user there, or by all."""
    return created(await quotas.create(data))


@router.get("/{id:qta}", response_model=QuotaRead)
async def get_quota(quotas: Reader, id: QuotaId) -> Response:
    """Read a quota."""
    return found(await quotas.get(id))


@router.patch("/{id:qta}", response_model=QuotaRead)
async def update_quota(quotas: Writer, id: QuotaId, data: QuotaUpdate) -> Response:
    """Change what is to be won."""
    return changed(await quotas.update(id, data))


@router.delete("/{id:qta}", status_code=204)
async def delete_quota(quotas: Writer, id: QuotaId) -> Response:
    """Delete a quota; forecasts of its period have none then."""
    await quotas.delete(id)
    return gone()
