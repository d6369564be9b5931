from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.external_ids import router as external_ids

from .queries import OrderAggregate, OrderPage, OrderQuery, OrderSearch, OrderShown, OrderThen
from .resource import ORDER
from .schemas import (
    OrderBatch,
    OrderCreate,
    OrderId,
    OrderRead,
    OrderUpdate,
    OrderUpsert,
)
from .service import OrderService

ids_in_paths(ORDER.prefix)
router = resource("orders", "orders")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=ORDER,
        service=OrderService,
        read=OrderRead,
        shown=OrderShown,
        upsert=OrderUpsert,
        batch=OrderBatch,
        ended="What comes with a smaller `source_version` than was seen is late, and ignored.",
    )
)

SEEN_ONCE_CONFIRMED = {"x-problems": ["428"]}
Reader = Annotated[OrderService, provide(OrderService, "orders:read")]
Writer = Annotated[OrderService, provide(OrderService, "orders:write")]


@router.get("", response_model=OrderPage)
async def list_orders(orders: Reader, query: Annotated[OrderQuery, asked(OrderQuery)]) -> Response:
    """List orders, newest first.

    What is to be shipped is `status=confirmed&status=in_progress` with `shipment_status=none` and
    `partial`; what is to be collected, with `payment_status=none` and `partial`.
    """
    return listed(await orders.list(query))


@router.post("", status_code=201, response_model=OrderRead)
async def create_order(orders: Writer, data: OrderCreate) -> Response:
    """Write down what a customer orders, as a draft or confirmed at once.

    Prices that are not sent follow from the price books, and taxes from the tax rates. With a
    `deal_id` what is not sent is taken from the deal.
    """
    return created(await orders.create(data))


@router.post("/search", response_model=OrderPage)
async def search_orders(orders: Reader, data: OrderSearch) -> Response:
    """Find orders by a filter over their fields, and over those of their customers."""
    return answered((await orders.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_orders(orders: Reader, data: OrderAggregate) -> Response:
    """Count orders, and reckon over their fields, in groups of up to three fields.

    Amounts of several currencies are summed up as `base_total`.
    """
    return answered(await orders.aggregate(data))


@router.get("/{id:ord}", response_model=OrderRead)
async def get_order(
    orders: Reader, id: OrderId, query: Annotated[OrderThen, asked(OrderThen)]
) -> Response:
    """Read an order, also as it was before."""
    return found(await orders.get(id, query.expand, query.as_of))


@router.patch("/{id:ord}", response_model=OrderRead, openapi_extra=SEEN_ONCE_CONFIRMED)
async def update_order(orders: Writer, id: OrderId, data: OrderUpdate) -> Response:
    """Change an order. What is ordered, and for how much, is changed with `If-Match` once the
    order is confirmed (428 else), and makes a new `revision`.

    What has been shipped of a line stays in it; a completed or cancelled order stays as it is.
    """
    return changed(await orders.update(id, data))
