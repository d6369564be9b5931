from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import VIEW
from .schemas import ViewCreate, ViewId, ViewPage, ViewQuery, ViewRead, ViewUpdate
from .service import ViewService

ids_in_paths(VIEW.prefix)
router = resource("views", "filters")

Reader = Annotated[ViewService, provide(ViewService, "views:read")]
Writer = Annotated[ViewService, provide(ViewService, "views:write")]


@router.get("", response_model=ViewPage)
async def list_views(views: Reader, query: Annotated[ViewQuery, asked(ViewQuery)]) -> Response:
    """List your own views and those that others share, newest first."""
    return listed(await views.list(query))


@router.post("", status_code=201, response_model=ViewRead)
async def create_view(views: Writer, data: ViewCreate) -> Response:
    """Save a search under a name, for yourself or for all."""
    return created(await views.create(data))


@router.get("/{id:viw}", response_model=ViewRead)
async def get_view(views: Reader, id: ViewId) -> Response:
    """Read a view: send its `search` to the search of its `resource`."""
    return found(await views.get(id))


@router.patch("/{id:viw}", response_model=ViewRead)
async def update_view(views: Writer, id: ViewId, data: ViewUpdate) -> Response:
    """Change a view of yours."""
    return changed(await views.update(id, data))


@router.delete("/{id:viw}", status_code=204)
async def delete_view(views: Writer, id: ViewId) -> Response:
    """Delete a view of yours."""
    await views.delete(id)
    return gone()
