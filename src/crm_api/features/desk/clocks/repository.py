from collections.abc import Iterable
from uuid import UUID

from crm_api.features.desk.clock_facts.schemas import Fact
from crm_api.kit.db import table_of
from crm_api.kit.ids import rising
from crm_api.kit.reader import Reader

from .models import SlaEvent
from .schemas import SlaEventRead

EVENTS = table_of(SlaEvent)


class SlaEventRepository(Reader[SlaEventRead]):
    """What became of clocks; what is written here never changes."""

    read = SlaEventRead

    def keep(self, ticket: UUID, facts: Iterable[Fact]) -> None:
        for fact in facts:
            row = {
                "id": rising(),
                "ticket_id": ticket,
                "clock": fact.clock.kind,
                "number": fact.clock.number,
                "kind": fact.kind,
                "at": fact.at,
                "due_at": fact.clock.due_at,
                "policy_id": fact.clock.policy_id,
                "details": fact.details,
                "created_at": self.ctx.now,
            }
            self.ctx.work.stage("insert", EVENTS, row)
