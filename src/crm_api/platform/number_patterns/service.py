from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .events import NumberPatternCreated, NumberPatternDeleted, NumberPatternUpdated
from .registry import Numbering
from .repository import NumberPatternRepository
from .schemas import (
    NumberPatternCreate,
    NumberPatternQuery,
    NumberPatternRead,
    NumberPatternUpdate,
)


class NumberPatternService:
    """How documents are numbered, in units and in the group."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.patterns = NumberPatternRepository(ctx)

    async def list(self, query: NumberPatternQuery) -> Listing:
        return await self.patterns.page(query)

    async def get(self, id: UUID) -> Document[NumberPatternRead]:
        return await self.patterns.get(id)

    async def create(self, data: NumberPatternCreate) -> Written[NumberPatternRead]:
        """Raises NumbersTwice, UnknownReference, WrongPlace."""
        rules.check_restarts(Numbering(data.pattern, data.restarts))
        if data.business_unit_id:
            await BusinessUnitService(self.ctx).check_live(data.business_unit_id)
        return self.patterns.add(NumberPatternCreated, **data.changes())

    async def update(self, id: UUID, data: NumberPatternUpdate) -> Written[NumberPatternRead]:
        """Raises NumbersTwice."""
        row, sent = await self.patterns.load(id), data.changes()
        said = {"pattern": row.pattern, "restarts": row.restarts} | sent
        rules.check_restarts(Numbering(**said))
        return self.patterns.change(row, NumberPatternUpdated, **sent)

    async def delete(self, id: UUID) -> None:
        self.patterns.remove(await self.patterns.load(id), NumberPatternDeleted)
