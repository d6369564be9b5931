from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import GradeSchemePage, GradeSchemeQuery
from .resource import GRADE_SCHEME
from .schemas import (
    GradeSchemeCreate,
    GradeSchemeId,
    GradeSchemeRead,
    GradeSchemeUpdate,
)
from .service import GradeSchemeService

ids_in_paths(GRADE_SCHEME.prefix)
router = resource("grade-schemes", "grade-schemes")

Reader = Annotated[GradeSchemeService, provide(GradeSchemeService, "grade_schemes:read")]
Writer = Annotated[GradeSchemeService, provide(GradeSchemeService, "grade_schemes:write")]


@router.get("", response_model=GradeSchemePage)
async def list_grade_schemes(
    schemes: Reader, query: Annotated[GradeSchemeQuery, asked(GradeSchemeQuery)]
) -> Response:
    """List grade schemes, live ones unless `state` says otherwise, newest first."""
    return listed(await schemes.list(query))


@router.post("", status_code=201, response_model=GradeSchemeRead)
async def create_grade_scheme(schemes: Writer, data: GradeSchemeCreate) -> Response:
    """Say which grades a unit and those below it give to their customers, or the whole group.

    A unit has one live scheme, and the group has one: archive that before you add another.
    """
    return created(await schemes.create(data))


@router.get("/{id:grs}", response_model=GradeSchemeRead)
async def get_grade_scheme(schemes: Reader, id: GradeSchemeId) -> Response:
    """Read a grade scheme. An archived one is answered: look at its `state`."""
    return found(await schemes.get(id))


@router.patch("/{id:grs}", response_model=GradeSchemeRead)
async def update_grade_scheme(
    schemes: Writer, id: GradeSchemeId, data: GradeSchemeUpdate
) -> Response:
    """Rename a grade scheme, or change its grades, all of them at once.

    Customers keep the grade that they were given; what is given anew must be of the scheme.
    """
    return changed(await schemes.update(id, data))


@router.post("/{id:grs}/archive", response_model=GradeSchemeRead)
async def archive_grade_scheme(schemes: Writer, id: GradeSchemeId) -> Response:
    """End a grade scheme: that of the nearest unit above is in force from now on, or the group's.

    Customers keep the grade that they were given.
    """
    return changed(await schemes.archive(id))


@router.post("/{id:grs}/restore", response_model=GradeSchemeRead)
async def restore_grade_scheme(schemes: Writer, id: GradeSchemeId) -> Response:
    """Put an archived grade scheme into force again."""
    return changed(await schemes.restore(id))
