from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import NOT_TWICE, resource
from crm_api.platform.external_ids import router as external_ids

from .queries import ShipmentPage, ShipmentQuery, ShipmentShown
from .resource import SHIPMENT
from .schemas import (
    ShipmentAcceptance,
    ShipmentBatch,
    ShipmentCreate,
    ShipmentFailure,
    ShipmentId,
    ShipmentRead,
    ShipmentRefusal,
    ShipmentTracking,
    ShipmentUpdate,
    ShipmentUpsert,
)
from .service import ShipmentService

ids_in_paths(SHIPMENT.prefix)
router = resource("shipments", "shipments")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=SHIPMENT,
        service=ShipmentService,
        read=ShipmentRead,
        shown=ShipmentShown,
        upsert=ShipmentUpsert,
        batch=ShipmentBatch,
        ended="How far it is, its own operations say: `ship`, `deliver` and the others.",
    )
)

Reader = Annotated[ShipmentService, provide(ShipmentService, "shipments:read")]
Writer = Annotated[ShipmentService, provide(ShipmentService, "shipments:write")]


@router.get("", response_model=ShipmentPage)
async def list_shipments(
    shipments: Reader, query: Annotated[ShipmentQuery, asked(ShipmentQuery)]
) -> Response:
    """List shipments, newest first. What is to be packed is `status=draft`, what is on its way
    `status=shipped`."""
    return listed(await shipments.list(query))


@router.post("", status_code=201, response_model=ShipmentRead)
async def create_shipment(shipments: Writer, data: ShipmentCreate) -> Response:
    """Plan what is sent of an order that is confirmed, in one of several shipments or all at once.

    More than is left to ship is refused (422). Shipments that are planned count for nothing yet:
    `ship` does.
    """
    return created(await shipments.create(data))


@router.get("/{id:shp}", response_model=ShipmentRead)
async def get_shipment(
    shipments: Reader, id: ShipmentId, query: Annotated[ShipmentShown, asked(ShipmentShown)]
) -> Response:
    """Read a shipment."""
    return found(await shipments.get(id, query.expand))


@router.patch("/{id:shp}", response_model=ShipmentRead)
async def update_shipment(shipments: Writer, id: ShipmentId, data: ShipmentUpdate) -> Response:
    """Change a shipment. What it has in it, and where it goes, stays once it has left (409)."""
    return changed(await shipments.update(id, data))


@router.post("/{id:shp}/ready", response_model=ShipmentRead)
async def ready_shipment(shipments: Writer, id: ShipmentId) -> Response:
    """Say that a shipment is packed; or that one which could not be delivered is sent again."""
    return changed(await shipments.ready(id))


@router.post("/{id:shp}/cancel", response_model=ShipmentRead)
async def cancel_shipment(shipments: Writer, id: ShipmentId) -> Response:
    """Send it not at all. When an order is cancelled, its shipments are that have not left."""
    return changed(await shipments.cancel(id))


@router.post("/{id:shp}/ship", response_model=ShipmentRead, openapi_extra=NOT_TWICE)
async def ship_shipment(shipments: Writer, id: ShipmentId) -> Response:
    """Say that a shipment has left: from now on it counts as shipped of the order's lines.

    More than is left to ship of a line is refused: 422, with pointers into the shipment's `lines`.
    An order that is not under way ships nothing: 409.
    """
    return changed(await shipments.ship(id))


@router.post("/{id:shp}/deliver", response_model=ShipmentRead)
async def deliver_shipment(shipments: Writer, id: ShipmentId) -> Response:
    """Say that the customer has it."""
    return changed(await shipments.deliver(id))


@router.post("/{id:shp}/accept", response_model=ShipmentRead)
async def accept_shipment(shipments: Writer, id: ShipmentId, data: ShipmentAcceptance) -> Response:
    """Write down that the customer has accepted what was delivered (验收)."""
    return changed(await shipments.accept(id, data))


@router.post("/{id:shp}/refuse", response_model=ShipmentRead)
async def refuse_shipment(shipments: Writer, id: ShipmentId, data: ShipmentRefusal) -> Response:
    """Write down that the customer has not accepted it, and why. What comes back is a return."""
    return changed(await shipments.refuse(id, data))


@router.post("/{id:shp}/fail", response_model=ShipmentRead)
async def fail_shipment(shipments: Writer, id: ShipmentId, data: ShipmentFailure) -> Response:
    """Say that it could not be delivered, and why: it counts as shipped no more."""
    return changed(await shipments.fail(id, data))


@router.post("/{id:shp}/track", response_model=ShipmentRead)
async def track_shipment(shipments: Writer, id: ShipmentId, data: ShipmentTracking) -> Response:
    """Add what the carrier tells, whatever others add at the same time: each event once, by its
    time and its code, 200 at most."""
    return changed(await shipments.track(id, data))
