from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from .models import TicketStatus
from .resource import TICKET_STATUS
from .schemas import TicketStatusRead

STATUSES = table_of(TicketStatus)
DEFAULTS = select(STATUSES.c.category, STATUSES.c.id).where(
    STATUSES.c.tenant_id == TENANT, STATUSES.c.is_default
)


class TicketStatusRepository(Repository[TicketStatus, TicketStatusRead]):
    model = TicketStatus
    noun = TICKET_STATUS
    read = TicketStatusRead

    def place(self, values: Mapping[str, Any]) -> None:
        """A status that is there from the beginning."""
        made = {"created_at": self.ctx.now, "updated_at": self.ctx.now}
        self.link(TicketStatus, id=self.ctx.new_id(), **made, **values)

    async def defaults(self) -> dict[str, UUID]:
        """The default one of each category."""
        found = await self.ctx.work.rows(DEFAULTS, {})
        return {row.category: row.id for row in found}
