from uuid import UUID

from sqlalchemy import Uuid, bindparam

from crm_api.kit.projection import Document
from crm_api.kit.repository import Repository
from crm_api.platform.business_units.in_force import nearest

from .models import GradeScheme
from .queries import SCHEMES, live
from .resource import GRADE_SCHEME
from .schemas import GradeSchemeRead

IN_FORCE = nearest(SCHEMES, bindparam("unit", type_=Uuid()), live)


class GradeSchemeRepository(Repository[GradeScheme, GradeSchemeRead]):
    model = GradeScheme
    noun = GRADE_SCHEME
    read = GradeSchemeRead

    async def in_force(self, unit: UUID) -> Document[GradeSchemeRead]:
        """Raises NotFound where none is."""
        return await self.get_by(IN_FORCE, unit=unit)
