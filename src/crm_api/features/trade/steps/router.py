from typing import Annotated

from fastapi import Response

from crm_api.features.trade.orders.resource import ORDER
from crm_api.features.trade.orders.schemas import OrderId, OrderRead
from crm_api.kit.http import changed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import OrderCancel
from .service import StepService

ids_in_paths(ORDER.prefix)
router = resource("orders", "orders")

Writer = Annotated[StepService, provide(StepService, "orders:write")]


@router.post("/{id:ord}/confirm", response_model=OrderRead)
async def confirm_order(steps: Writer, id: OrderId) -> Response:
    """Take an order on: it is shipped, paid and invoiced from now on. Its exchange rate stays."""
    return changed(await steps.confirm(id))


@router.post("/{id:ord}/complete", response_model=OrderRead)
async def complete_order(steps: Writer, id: OrderId) -> Response:
    """Say that nothing of an order is left to do, whatever is shipped or paid later."""
    return changed(await steps.complete(id))


@router.post("/{id:ord}/cancel", response_model=OrderRead)
async def cancel_order(steps: Writer, id: OrderId, data: OrderCancel) -> Response:
    """Cancel an order of which nothing has been shipped or invoiced (409 else), and say why."""
    return changed(await steps.cancel(id, data))
