from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .placing import PlaceService
from .resource import BUSINESS_UNIT
from .schemas import (
    BusinessUnitCreate,
    BusinessUnitId,
    BusinessUnitMove,
    BusinessUnitMovePreview,
    BusinessUnitPage,
    BusinessUnitPlace,
    BusinessUnitQuery,
    BusinessUnitRead,
    BusinessUnitUpdate,
    PlaceAsked,
)
from .service import BusinessUnitService

ids_in_paths(BUSINESS_UNIT.prefix)
router = resource("business-units", "business-units")

READ, WRITE = "business_units:read", "business_units:write"
Reader = Annotated[BusinessUnitService, provide(BusinessUnitService, READ)]
Writer = Annotated[BusinessUnitService, provide(BusinessUnitService, WRITE)]
Places = Annotated[PlaceService, provide(PlaceService, READ)]


@router.get("", response_model=BusinessUnitPage)
async def list_business_units(
    units: Reader, query: Annotated[BusinessUnitQuery, asked(BusinessUnitQuery)]
) -> Response:
    """List units, live ones unless `state` says otherwise: all, those under one, or the tree of a
    date.

    Each names its parent; a tree has 2,000 live units at most, so a few pages hold it whole.
    """
    return listed(await units.list(query))


@router.post("", status_code=201, response_model=BusinessUnitRead)
async def create_business_unit(units: Writer, data: BusinessUnitCreate) -> Response:
    """Add a subsidiary, region, branch, shop or department, at the top or below another unit."""
    return created(await units.create(data))


@router.get("/{id:bun}", response_model=BusinessUnitRead)
async def get_business_unit(units: Reader, id: BusinessUnitId) -> Response:
    """Read a unit, with its places on all dates."""
    return found(await units.get(id))


@router.get("/{id:bun}/place", response_model=BusinessUnitPlace)
async def get_business_unit_place(
    places: Places, id: BusinessUnitId, query: Annotated[PlaceAsked, asked(PlaceAsked)]
) -> Response:
    """Tell the path from the top to a unit, today or on a date, and the legal entity, time zone
    and calendar that it has or takes from above."""
    return said(await places.get(id, query))


@router.patch("/{id:bun}", response_model=BusinessUnitRead)
async def update_business_unit(
    units: Writer, id: BusinessUnitId, data: BusinessUnitUpdate
) -> Response:
    """Change some fields of a unit; `POST .../move` changes its place."""
    return changed(await units.update(id, data))


@router.post("/{id:bun}/move", response_model=BusinessUnitRead)
async def move_business_unit(units: Writer, id: BusinessUnitId, data: BusinessUnitMove) -> Response:
    """Put a unit, with all below it, below another one or in another legal entity, now or on a day.

    A day to come makes a plan; to give a plan up, move the unit on that day to where it is before.
    No unit may stand below itself on any date, nor the tree have more than twelve levels.
    """
    return changed(await units.move(id, data))


@router.post("/{id:bun}/preview-move", response_model=BusinessUnitMovePreview)
async def preview_business_unit_move(
    places: Places, id: BusinessUnitId, data: BusinessUnitMove
) -> Response:
    """Tell what a move would change, and refuse what it would refuse; nothing is written."""
    return said(await places.preview(id, data))


@router.post("/{id:bun}/archive", response_model=BusinessUnitRead)
async def archive_business_unit(units: Writer, id: BusinessUnitId) -> Response:
    """Put a unit away that has no live unit below it, now or by plan. It keeps its place."""
    return changed(await units.archive(id))


@router.post("/{id:bun}/restore", response_model=BusinessUnitRead)
async def restore_business_unit(units: Writer, id: BusinessUnitId) -> Response:
    """Bring an archived unit back to its place, unless that is archived itself."""
    return changed(await units.restore(id))
