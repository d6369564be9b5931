from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from .errors import NoGradeScheme, UnknownGrade
from .events import (
    GradeSchemeArchived,
    GradeSchemeCreated,
    GradeSchemeRestored,
    GradeSchemeUpdated,
)
from .models import GradeSchemeState
from .queries import GradeSchemeQuery
from .repository import GradeSchemeRepository
from .schemas import GradeSchemeCreate, GradeSchemeRead, GradeSchemeUpdate


class GradeSchemeService:
    """Which grades units may give to their customers."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.schemes = GradeSchemeRepository(ctx)

    async def list(self, query: GradeSchemeQuery) -> Listing:
        return await self.schemes.page(query)

    async def get(self, id: UUID) -> Document[GradeSchemeRead]:
        return await self.schemes.get(id)

    async def create(self, data: GradeSchemeCreate) -> Written[GradeSchemeRead]:
        if data.business_unit_id:
            await BusinessUnitService(self.ctx).check_live(data.business_unit_id)
        return self.schemes.add(GradeSchemeCreated, **data.model_dump())

    async def update(self, id: UUID, data: GradeSchemeUpdate) -> Written[GradeSchemeRead]:
        scheme = await self.schemes.editable(id)
        return self.schemes.change(scheme, GradeSchemeUpdated, **data.changes())

    async def archive(self, id: UUID) -> Written[GradeSchemeRead]:
        return await self.schemes.move(id, GradeSchemeState.archived, GradeSchemeArchived)

    async def restore(self, id: UUID) -> Written[GradeSchemeRead]:
        return await self.schemes.move(id, GradeSchemeState.live, GradeSchemeRestored)

    async def holding(self, unit: UUID, code: str) -> UUID:
        """The scheme in force in a unit. Raises NoGradeScheme, UnknownGrade."""
        try:
            scheme = (await self.schemes.in_force(unit)).value
        except NotFound:
            raise NoGradeScheme from None
        codes = [grade.code for grade in scheme.grades]
        if code not in codes:
            raise UnknownGrade(codes)
        return scheme.id
