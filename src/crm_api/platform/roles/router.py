from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import ROLE
from .schemas import RoleCreate, RoleId, RolePage, RoleQuery, RoleRead, RoleUpdate
from .service import RoleService

ids_in_paths(ROLE.prefix)
router = resource("roles", "roles")

Reader = Annotated[RoleService, provide(RoleService, "roles:read")]
Writer = Annotated[RoleService, provide(RoleService, "roles:write")]


@router.get("", response_model=RolePage)
async def list_roles(roles: Reader, query: Annotated[RoleQuery, asked(RoleQuery)]) -> Response:
    """List roles: those that came with the product, and your own."""
    return listed(await roles.list(query))


@router.post("", status_code=201, response_model=RoleRead)
async def create_role(roles: Writer, data: RoleCreate) -> Response:
    """Make a role. It gives nothing until it is assigned."""
    return created(roles.create(data))


@router.get("/{id:rol}", response_model=RoleRead)
async def get_role(roles: Reader, id: RoleId) -> Response:
    """Read a role."""
    return found(await roles.get(id))


@router.patch("/{id:rol}", response_model=RoleRead)
async def update_role(roles: Writer, id: RoleId, data: RoleUpdate) -> Response:
    """Change a role of your own. Its holders follow within a second."""
    return changed(await roles.update(id, data))


@router.post("/{id:rol}/archive", response_model=RoleRead)
async def archive_role(roles: Writer, id: RoleId) -> Response:
    """Take a role of your own out of use: it gives nothing to anybody, within a second."""
    return changed(await roles.archive(id))


@router.post("/{id:rol}/restore", response_model=RoleRead)
async def restore_role(roles: Writer, id: RoleId) -> Response:
    """Put a role into use again: those to whom it is assigned hold it again."""
    return changed(await roles.restore(id))
