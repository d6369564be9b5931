from typing import Any
from uuid import UUID

from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository

from . import events
from .models import Return, ReturnState
from .resource import RETURN
from .schemas import ReturnRead

REACHED: dict[str, type[Event]] = {
    ReturnState.approved: events.ReturnApproved,
    ReturnState.rejected: events.ReturnRejected,
    ReturnState.closed: events.ReturnClosed,
}


class ReturnRepository(Repository[Return, ReturnRead]):
    model = Return
    noun = RETURN
    read = ReturnRead

    async def reach(self, id: UUID, to: ReturnState, **values: Any) -> Written[ReturnRead]:
        """Raises InvalidTransition."""
        row = await self.load(id)
        self.noun.check_transition(row.status, to)
        when = {f"{to}_at": self.ctx.now}
        return self.change(row, REACHED[to], status=to, **when, **values)
