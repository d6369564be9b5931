from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import ROLE_ASSIGNMENT
from .schemas import (
    RoleAssignmentCreate,
    RoleAssignmentEnd,
    RoleAssignmentId,
    RoleAssignmentPage,
    RoleAssignmentQuery,
    RoleAssignmentRead,
)
from .service import RoleAssignmentService

ids_in_paths(ROLE_ASSIGNMENT.prefix)
router = resource("role-assignments", "roles")

Reader = Annotated[RoleAssignmentService, provide(RoleAssignmentService, "role_assignments:read")]
Writer = Annotated[RoleAssignmentService, provide(RoleAssignmentService, "role_assignments:write")]


@router.get("", response_model=RoleAssignmentPage)
async def list_role_assignments(
    assignments: Reader, query: Annotated[RoleAssignmentQuery, asked(RoleAssignmentQuery)]
) -> Response:
    """List who holds which role, newest first; those that have ended too."""
    return listed(await assignments.list(query))


@router.post("", status_code=201, response_model=RoleAssignmentRead)
async def create_role_assignment(assignments: Writer, data: RoleAssignmentCreate) -> Response:
    """Give a role to a user. Whoever acts as the user may do what it says, within a second.

    From the first assignment on a user may do what roles say, and nothing else: what the identity
    provider gives to its tokens does not count for this user any more.
    """
    return created(await assignments.create(data))


@router.get("/{id:ras}", response_model=RoleAssignmentRead)
async def get_role_assignment(assignments: Reader, id: RoleAssignmentId) -> Response:
    """Read a role assignment."""
    return found(await assignments.get(id))


@router.post("/{id:ras}/end", response_model=RoleAssignmentRead)
async def end_role_assignment(
    assignments: Writer, id: RoleAssignmentId, data: RoleAssignmentEnd
) -> Response:
    """Take a role from a user, at once or at a time to come. Nothing is deleted: it can be seen
    who held which role when."""
    return changed(await assignments.end(id, data))
