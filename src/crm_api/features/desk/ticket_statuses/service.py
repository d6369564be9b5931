from uuid import UUID

from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.kit.context import Context
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from .errors import DefaultStatus, OtherCategory
from .events import (
    TicketStatusArchived,
    TicketStatusCreated,
    TicketStatusRestored,
    TicketStatusUpdated,
)
from .models import TicketStatusState
from .repository import TicketStatusRepository
from .resource import TICKET_STATUS
from .rules import built_in
from .schemas import (
    TicketStatusCreate,
    TicketStatusQuery,
    TicketStatusRead,
    TicketStatusUpdate,
)


class TicketStatusService:
    """What a tenant calls how far tickets are."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.statuses = TicketStatusRepository(ctx)
        self.held = Held(ctx, TICKET_STATUS, "category")
        self.defaults: dict[str, UUID] = {}

    async def list(self, query: TicketStatusQuery) -> Listing:
        return await self.statuses.page(query)

    async def get(self, id: UUID) -> Document[TicketStatusRead]:
        return await self.statuses.get(id)

    def create(self, data: TicketStatusCreate) -> Written[TicketStatusRead]:
        return self.statuses.add(TicketStatusCreated, **data.model_dump())

    def create_built_in(self) -> None:
        """Those that every tenant has, named in its language; nobody's act, and so no event."""
        for values in built_in(self.ctx.tenant.languages):
            self.statuses.place(values)

    async def update(self, id: UUID, data: TicketStatusUpdate) -> Written[TicketStatusRead]:
        status = await self.statuses.editable(id)
        return self.statuses.change(status, TicketStatusUpdated, **data.changes())

    async def archive(self, id: UUID) -> Written[TicketStatusRead]:
        """Raises DefaultStatus. Tickets keep it."""
        if (await self.statuses.load(id)).is_default:
            raise DefaultStatus
        return await self.statuses.move(id, TicketStatusState.archived, TicketStatusArchived)

    async def restore(self, id: UUID) -> Written[TicketStatusRead]:
        return await self.statuses.move(id, TicketStatusState.live, TicketStatusRestored)

    async def choose(self, said: UUID | None, category: TicketCategory) -> UUID:
        """The live one that is said, as it is until the commit, else the default one of a category.

        Raises UnknownReference, ArchivedThere, OtherCategory.
        """
        if said is None:
            return await self._default(category)
        if await self.category_of(said) != category:
            raise OtherCategory(category)
        return said

    async def category_of(self, id: UUID) -> TicketCategory:
        """Of a live one. Raises UnknownReference, ArchivedThere."""
        await self.held.check({"/status_id": id})
        return TicketCategory(self.held.rows[id].category)

    async def _default(self, category: TicketCategory) -> UUID:
        self.defaults = self.defaults or await self.statuses.defaults()
        return self.defaults[category]
