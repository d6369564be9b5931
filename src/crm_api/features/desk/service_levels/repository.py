from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, select

from crm_api.features.desk.terms.schemas import UNSOLVED
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit.db import table_of
from crm_api.kit.reader import Reader
from crm_api.kit.statement import TENANT, quoted

from .schemas import TicketClocks

TICKETS = table_of(TICKET.model)
OPEN_UNDER = select(TICKETS.c.id).where(
    TICKETS.c.tenant_id == TENANT,
    TICKETS.c.sla_policy_id == bindparam("policies", type_=ARRAY(Uuid())).any_(),
    TICKETS.c.category.in_([quoted(category) for category in UNSOLVED]),
)


class TicketClocksRepository(Reader[TicketClocks]):
    read = TicketClocks

    async def open_under(self, policies: Collection[UUID]) -> list[UUID]:
        """The tickets that are not done and run under one of these policies."""
        found = await self.ctx.work.rows(OPEN_UNDER, {"policies": list(policies)})
        return [row.id for row in found]
