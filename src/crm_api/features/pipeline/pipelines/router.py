from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import PipelinePage, PipelineQuery
from .resource import PIPELINE
from .schemas import PipelineCreate, PipelineId, PipelineRead, PipelineUpdate
from .service import PipelineService

ids_in_paths(PIPELINE.prefix)
router = resource("pipelines", "pipelines")

Reader = Annotated[PipelineService, provide(PipelineService, "pipelines:read")]
Writer = Annotated[PipelineService, provide(PipelineService, "pipelines:write")]


@router.get("", response_model=PipelinePage)
async def list_pipelines(
    pipelines: Reader, query: Annotated[PipelineQuery, asked(PipelineQuery)]
) -> Response:
    """List pipelines with their stages, live ones unless `state` says otherwise, newest first."""
    return listed(await pipelines.list(query))


@router.post("", status_code=201, response_model=PipelineRead)
async def create_pipeline(pipelines: Writer, data: PipelineCreate) -> Response:
    """Make a pipeline for a unit and those below it, or for the whole group.

    Without `stages` and `loss_reasons` it has those of a common sale, which you may change.
    """
    return created(await pipelines.create(data))


@router.get("/{id:pip}", response_model=PipelineRead)
async def get_pipeline(pipelines: Reader, id: PipelineId) -> Response:
    """Read a pipeline and its stages. An archived one is answered: look at its `state`."""
    return found(await pipelines.get(id))


@router.patch("/{id:pip}", response_model=PipelineRead)
async def update_pipeline(pipelines: Writer, id: PipelineId, data: PipelineUpdate) -> Response:
    """Rename a pipeline, or change its stages or reasons, all of them at once.

    Deals stay where they are; a stage in which open deals are is not retired (409).
    """
    return changed(await pipelines.update(id, data))


@router.post("/{id:pip}/archive", response_model=PipelineRead)
async def archive_pipeline(pipelines: Writer, id: PipelineId) -> Response:
    """Take a pipeline out of use. Where open deals are in it, it is refused (409)."""
    return changed(await pipelines.archive(id))


@router.post("/{id:pip}/restore", response_model=PipelineRead)
async def restore_pipeline(pipelines: Writer, id: PipelineId) -> Response:
    """Put an archived pipeline into use again."""
    return changed(await pipelines.restore(id))
