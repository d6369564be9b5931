from collections.abc import Collection
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import ARRAY, Integer, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.features.desk.terms.schemas import UNSOLVED
from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketRead
from crm_api.kit.criteria import Document
from crm_api.kit.db import table_of
from crm_api.kit.projection import many
from crm_api.kit.reader import Reader
from crm_api.kit.statement import TENANT, quoted

from .rules import PastTicket
from .schemas import SlaSimulation, TicketClocks

TICKETS = table_of(TICKET.model)
AT = TIMESTAMP(timezone=True, precision=3)
OPEN_UNDER = select(TICKETS.c.id).where(
    TICKETS.c.tenant_id == TENANT,
    TICKETS.c.sla_policy_id == bindparam("policies", type_=ARRAY(Uuid())).any_(),
    TICKETS.c.category.in_([quoted(category) for category in UNSOLVED]),
)

PAST = text("""
SELECT t.id, t.requester_id, t.priority, t.created_at, t.closed_at, t.close_reason, t.clocks,
  (SELECT coalesce(json_agg(json_build_array(m.at, m.category) ORDER BY m.id), '[]')
    FROM ticket_moves m WHERE m.tenant_id = :tenant AND m.ticket_id = t.id) AS moves,
  (SELECT coalesce(json_agg(json_build_array(s.created_at, s.direction)), '[]')
    FROM ticket_messages s
    WHERE s.tenant_id = :tenant AND s.ticket_id = t.id AND s.is_public) AS messages
FROM tickets t WHERE t.tenant_id = :tenant
  AND t.created_at >= coalesce(:starts, '-infinity') AND t.created_at < coalesce(:ends, 'infinity')
  AND (:unit IS NULL OR EXISTS (SELECT FROM business_unit_lines l WHERE l.tenant_id = :tenant
    AND l.ancestor_id = :unit AND l.unit_id = t.business_unit_id))
ORDER BY t.created_at DESC, t.id DESC LIMIT :most""").bindparams(
    bindparam("tenant", type_=Uuid()),
    bindparam("unit", type_=Uuid()),
    bindparam("starts", type_=AT),
    bindparam("ends", type_=AT),
    bindparam("most", type_=Integer()),
)
DOCUMENTS = many(TicketRead)


class TicketClocksRepository(Reader[TicketClocks]):
    read = TicketClocks

    async def open_under(self, policies: Collection[UUID]) -> list[UUID]:
        """The tickets that are not done and run under one of these policies."""
        found = await self.ctx.work.rows(OPEN_UNDER, {"policies": list(policies)})
        return [row.id for row in found]

    async def past(self, asked: SlaSimulation, unit: UUID | None) -> list[PastTicket]:
        """Tickets of a unit and those below it, or of all: the newest first."""
        within = {"starts": asked.starts_at, "ends": asked.ends_at, "most": asked.limit}
        rows = await self.ctx.work.rows(PAST, {**within, "unit": unit})
        return [PastTicket(**row._mapping) for row in rows]

    async def documents(self, ids: Collection[UUID]) -> list[Document]:
        """In the order of their ids, whoever calls."""
        items, _ = await self.ctx.work.fetch(DOCUMENTS, {"ids": list(ids)})
        told: list[Document] = from_json(f"[{items or ''}]")
        return told
