from typing import Annotated

from fastapi import Response

from crm_api.features.pipeline.pipelines.resource import PIPELINE
from crm_api.features.pipeline.pipelines.schemas import PipelineId
from crm_api.kit.asked import asked
from crm_api.kit.http import said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import Funnel, FunnelAsked
from .service import FunnelService

ids_in_paths(PIPELINE.prefix)
router = resource("pipelines", "pipelines")

Reader = Annotated[FunnelService, provide(FunnelService, "pipelines:read", "deals:read")]


@router.get("/{id:pip}/funnel", response_model=Funnel)
async def get_pipeline_funnel(
    funnels: Reader, id: PipelineId, query: Annotated[FunnelAsked, asked(FunnelAsked)]
) -> Response:
    """Count how the deals that you see went through the stages of a pipeline.

    It stands on what was written as they moved: a deal that is handed over, or whose amount or
    exchange rate changes later, does not change what was. Archived deals are left out.
    """
    return said(await funnels.funnel(id, query))
