from typing import Any

from crm_api.kit import timers
from crm_api.kit.events import Event
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository

from .events import AccessRequested
from .models import AccessRequest, AccessRequestState
from .resource import ACCESS_REQUEST
from .schemas import AccessRequestRead

TIMER = "access_requests"


class AccessRequestRepository(Repository[AccessRequest, AccessRequestRead]):
    model = AccessRequest
    noun = ACCESS_REQUEST
    read = AccessRequestRead

    def add_new(self, **values: Any) -> Written[AccessRequestRead]:
        id, tenant = self.ctx.new_id(), self.ctx.tenant.id
        timers.schedule(self.ctx, TIMER, id, tenant, values["expires_at"])
        return self.add(AccessRequested, id=id, **values)

    def end(
        self, row: AccessRequest, to: AccessRequestState, event: type[Event], **values: Any
    ) -> Written[AccessRequestRead]:
        """Raises InvalidTransition where it has ended before."""
        self.noun.check_transition(row.state, to)
        decider = self.ctx.actor.user_id
        said = {"state": to, "decided_at": self.ctx.now, "decider_id": decider, **values}
        return self.change(row, event, **said)
