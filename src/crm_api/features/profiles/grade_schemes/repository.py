from uuid import UUID

from sqlalchemy import Uuid, bindparam

from crm_api.kit.projection import Document
from crm_api.kit.repository import Repository

from .models import GradeScheme
from .queries import in_force
from .resource import GRADE_SCHEME
from .schemas import GradeSchemeRead

IN_FORCE = in_force(bindparam("unit", type_=Uuid()))


class GradeSchemeRepository(Repository[GradeScheme, GradeSchemeRead]):
    model = GradeScheme
    noun = GRADE_SCHEME
    read = GradeSchemeRead

    async def in_force(self, unit: UUID) -> Document[GradeSchemeRead]:
        """Raises NotFound where none is."""
        return await self.get_by(IN_FORCE, unit=unit)
