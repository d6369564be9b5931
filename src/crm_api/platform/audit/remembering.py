"""Records that are shown as they are, and as they were."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crm_api.kit.projection import Document
from crm_api.kit.reader import Expand, R
from crm_api.kit.resource import Resource
from crm_api.platform.custom_fields.searching import Q, Searching

from .service import AuditService


class Remembering(Searching[R, Q]):
    """A service that also tells what records of its `noun` were at a time."""

    noun: ClassVar[Resource]

    async def get(
        self, id: UUID, expand: Expand = (), as_of: datetime | None = None
    ) -> Document[R]:
        if as_of is None:
            return await super().get(id, expand)
        return await AuditService(self.ctx).as_of(self.noun, self.records.read, id, as_of)
