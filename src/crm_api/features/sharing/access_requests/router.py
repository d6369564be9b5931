from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import ACCESS_REQUEST
from .schemas import (
    AccessRequestApprove,
    AccessRequestCreate,
    AccessRequestId,
    AccessRequestPage,
    AccessRequestQuery,
    AccessRequestRead,
    AccessRequestReject,
)
from .service import AccessRequestService

ids_in_paths(ACCESS_REQUEST.prefix)
router = resource("access-requests", "access-requests")
WRITE, GIVE = "access_requests:write", "access_grants:write"

Reader = Annotated[AccessRequestService, provide(AccessRequestService, "access_requests:read")]
Asker = Annotated[AccessRequestService, provide(AccessRequestService, WRITE)]
Decider = Annotated[AccessRequestService, provide(AccessRequestService, WRITE, GIVE)]


@router.get("", response_model=AccessRequestPage)
async def list_access_requests(
    requests: Reader, query: Annotated[AccessRequestQuery, asked(AccessRequestQuery)]
) -> Response:
    """List access requests, newest first: your own, those of units that you reach, and those about
    customers whom you may change."""
    return listed(await requests.list(query))


@router.post("", status_code=201, response_model=AccessRequestRead)
async def create_access_request(requests: Asker, data: AccessRequestCreate) -> Response:
    """Ask for a customer whom you do not see, by the reference that you were given.

    A unit asks once at a time. After 30 days without a decision a request expires.
    """
    return created(await requests.create(data))


@router.get("/{id:arq}", response_model=AccessRequestRead)
async def get_access_request(requests: Reader, id: AccessRequestId) -> Response:
    """Read an access request."""
    return found(await requests.get(id))


@router.post("/{id:arq}/approve", response_model=AccessRequestRead)
async def approve_access_request(
    requests: Decider, id: AccessRequestId, data: AccessRequestApprove
) -> Response:
    """Give what is asked for, or less.

    Whoever may change the customer as one of his own units decides, and nobody on his own request.
    """
    return changed(await requests.approve(id, data))


@router.post("/{id:arq}/reject", response_model=AccessRequestRead)
async def reject_access_request(
    requests: Decider, id: AccessRequestId, data: AccessRequestReject
) -> Response:
    """Decline, and say why. The unit can ask again."""
    return changed(await requests.reject(id, data))


@router.post("/{id:arq}/withdraw", response_model=AccessRequestRead)
async def withdraw_access_request(requests: Asker, id: AccessRequestId) -> Response:
    """Ask no more."""
    return changed(await requests.withdraw(id))
