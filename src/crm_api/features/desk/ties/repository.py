from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.statement import TENANT

TICKETS = table_of(TICKET.model)
MERGED = select(TICKETS.c.id).where(
    TICKETS.c.tenant_id == TENANT,
    TICKETS.c.merged_into_id == bindparam("into", type_=Uuid()),
)


class TieRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def merged_into(self, id: UUID) -> set[UUID]:
        """The tickets in whose place this one goes on."""
        return {row.id for row in await self.ctx.work.rows(MERGED, {"into": id})}
