from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import ACCESS_GRANT
from .schemas import (
    AccessGrantCreate,
    AccessGrantId,
    AccessGrantPage,
    AccessGrantQuery,
    AccessGrantRead,
    AccessGrantRevoke,
)
from .service import AccessGrantService

ids_in_paths(ACCESS_GRANT.prefix)
router = resource("access-grants", "access-grants")

Reader = Annotated[AccessGrantService, provide(AccessGrantService, "access_grants:read")]
Writer = Annotated[AccessGrantService, provide(AccessGrantService, "access_grants:write")]


@router.get("", response_model=AccessGrantPage)
async def list_access_grants(
    grants: Reader, query: Annotated[AccessGrantQuery, asked(AccessGrantQuery)]
) -> Response:
    """List which units see customers of others, newest first; what has ended too."""
    return listed(await grants.list(query))


@router.post("", status_code=201, response_model=AccessGrantRead)
async def create_access_grant(grants: Writer, data: AccessGrantCreate) -> Response:
    """Let a unit see a customer of one of yours, whom you may change.

    It sees the customer from this answer on.
    """
    return created(await grants.create(data))


@router.get("/{id:agr}", response_model=AccessGrantRead)
async def get_access_grant(grants: Reader, id: AccessGrantId) -> Response:
    """Read an access grant."""
    return found(await grants.get(id))


@router.post("/{id:agr}/revoke", response_model=AccessGrantRead)
async def revoke_access_grant(
    grants: Writer, id: AccessGrantId, data: AccessGrantRevoke
) -> Response:
    """Take access back, or give it up. The unit does not see the customer by this any more from
    this answer on."""
    return changed(await grants.revoke(id, data))
