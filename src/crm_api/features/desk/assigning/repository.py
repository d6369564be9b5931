from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, select

from crm_api.features.desk.terms.schemas import UNSOLVED, TicketCategory
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.kit.context import Context
from crm_api.kit.db import table_of
from crm_api.kit.statement import TENANT, number, quoted

MOST = 50
TICKETS = table_of(TICKET.model)
WAITING = (
    select(TICKETS.c.id, TICKETS.c.skills)
    .where(
        TICKETS.c.tenant_id == TENANT,
        TICKETS.c.queue_id == bindparam("queue", type_=Uuid()),
        TICKETS.c.assignee_id.is_(None),
        TICKETS.c.category == quoted(TicketCategory.open),
    )
    .order_by(TICKETS.c.due_order, TICKETS.c.id)
    .limit(number(MOST))
)
OF_USER = (
    select(TICKETS.c.id)
    .where(
        TICKETS.c.tenant_id == TENANT,
        TICKETS.c.assignee_id == bindparam("user", type_=Uuid()),
        TICKETS.c.queue_id.is_not(None),
        TICKETS.c.category.in_([quoted(category) for category in UNSOLVED]),
    )
    .order_by(TICKETS.c.created_at, TICKETS.c.id)
    .limit(number(MOST))
)


class AssigningRepository:
    """Which tickets are to be given to somebody."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def waiting(self, queue: UUID) -> Sequence[Row[Any]]:
        """Of a queue, with what they want; what is due first, first."""
        return await self.ctx.work.rows(WAITING, {"queue": queue})

    async def of_user(self, user: UUID) -> list[UUID]:
        """Some that are not done, and came to a user by a queue."""
        return [row.id for row in await self.ctx.work.rows(OF_USER, {"user": user})]
