from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from .events import (
    LegalEntityArchived,
    LegalEntityCreated,
    LegalEntityRestored,
    LegalEntityUpdated,
)
from .models import LegalEntityState
from .repository import LegalEntityRepository
from .rules import check_registration
from .schemas import LegalEntityCreate, LegalEntityQuery, LegalEntityRead, LegalEntityUpdate


class LegalEntityService:
    """The companies that the group consists of."""

    def __init__(self, ctx: Context) -> None:
        self.entities = LegalEntityRepository(ctx)

    async def list(self, query: LegalEntityQuery) -> Listing:
        return await self.entities.page(query)

    async def get(self, id: UUID) -> Document[LegalEntityRead]:
        return await self.entities.get(id)

    def create(self, data: LegalEntityCreate) -> Written[LegalEntityRead]:
        check_registration(data.country, data.registration_number)
        return self.entities.add(LegalEntityCreated, **data.model_dump())

    async def update(self, id: UUID, data: LegalEntityUpdate) -> Written[LegalEntityRead]:
        entity, sent = await self.entities.editable(id), data.changes()
        after = vars(entity) | sent
        check_registration(after["country"], after["registration_number"])
        return self.entities.rewrite(entity, LegalEntityUpdated, **sent)

    async def archive(self, id: UUID) -> Written[LegalEntityRead]:
        """Whoever needs it to be live refuses when he hears of it."""
        return await self.entities.move(id, LegalEntityState.archived, LegalEntityArchived)

    async def restore(self, id: UUID) -> Written[LegalEntityRead]:
        return await self.entities.move(id, LegalEntityState.live, LegalEntityRestored)
