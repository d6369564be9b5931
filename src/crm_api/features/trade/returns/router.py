from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import NOT_TWICE, resource

from .queries import ReturnPage, ReturnQuery, ReturnShown
from .resource import RETURN
from .schemas import (
    ReturnCreate,
    ReturnId,
    ReturnRead,
    ReturnReceipt,
    ReturnRejection,
    ReturnUpdate,
)
from .service import ReturnService

ids_in_paths(RETURN.prefix)
router = resource("returns", "returns")

Reader = Annotated[ReturnService, provide(ReturnService, "returns:read")]
Writer = Annotated[ReturnService, provide(ReturnService, "returns:write")]


@router.get("", response_model=ReturnPage)
async def list_returns(
    returns: Reader, query: Annotated[ReturnQuery, asked(ReturnQuery)]
) -> Response:
    """List returns, newest first. What is waited for is `status=approved` and
    `status=partially_received`."""
    return listed(await returns.list(query))


@router.post("", status_code=201, response_model=ReturnRead)
async def create_return(returns: Writer, data: ReturnCreate) -> Response:
    """Ask for goods of an order to come back.

    The customer gives back what was shipped to him; of an order that was completed without a
    shipment, all of it. More than he has is refused (422).
    """
    return created(await returns.create(data))


@router.get("/{id:ret}", response_model=ReturnRead)
async def get_return(
    returns: Reader, id: ReturnId, query: Annotated[ReturnShown, asked(ReturnShown)]
) -> Response:
    """Read a return."""
    return found(await returns.get(id, query.expand))


@router.patch("/{id:ret}", response_model=ReturnRead)
async def update_return(returns: Writer, id: ReturnId, data: ReturnUpdate) -> Response:
    """Change a return. What comes back, and why, stays once it is decided on (409)."""
    return changed(await returns.update(id, data))


@router.post("/{id:ret}/approve", response_model=ReturnRead)
async def approve_return(returns: Writer, id: ReturnId) -> Response:
    """Let it come back."""
    return changed(await returns.approve(id))


@router.post("/{id:ret}/reject", response_model=ReturnRead)
async def reject_return(returns: Writer, id: ReturnId, data: ReturnRejection) -> Response:
    """Do not take it back, and say why."""
    return changed(await returns.reject(id, data))


@router.post("/{id:ret}/receive", response_model=ReturnRead, openapi_extra=NOT_TWICE)
async def receive_return(returns: Writer, id: ReturnId, data: ReturnReceipt) -> Response:
    """Write down what has arrived: it counts as returned of the order's lines, with what it bears
    of their money.

    More than the return is about, or than the customer has by now, is refused (422).
    """
    return changed(await returns.receive(id, data))


@router.post("/{id:ret}/close", response_model=ReturnRead)
async def close_return(returns: Writer, id: ReturnId) -> Response:
    """Wait for nothing more of it."""
    return changed(await returns.close(id))
