from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.profiles.unit_profiles.queries import units_behind
from crm_api.kit import timers
from crm_api.kit.errors import NotFound, OutOfReach
from crm_api.kit.events import Event
from crm_api.kit.looking import held_of, seen_of
from crm_api.kit.projection import Written
from crm_api.kit.repository import Repository
from crm_api.kit.viewers import Because, set_viewers

from .errors import OnlyShared
from .events import AccessGranted
from .models import AccessGrant, AccessLevel
from .resource import ACCESS_GRANT
from .rules import viewers
from .schemas import AccessGrantRead

TIMER = "access_grants"


class AccessGrantRepository(Repository[AccessGrant, AccessGrantRead]):
    model = AccessGrant
    noun = ACCESS_GRANT
    read = AccessGrantRead

    async def hold_customer(self, id: UUID) -> tuple[str, str]:
        """Kind and state, until the commit, of a customer whom the caller may change.

        Raises NotFound, OutOfReach.
        """
        found = await held_of(self.ctx, CUSTOMER.model, [id], "kind", "state", deed="write")
        if not found:
            there = await seen_of(self.ctx, CUSTOMER.model, [id])
            raise OutOfReach if there else NotFound
        return found[0].kind, found[0].state

    async def units_sharing(self, customer: UUID) -> set[UUID]:
        """The units whose customer it is, and for which the caller may change it.

        Raises OnlyShared for whom others share it with.
        """
        actor = self.ctx.actor
        asked = units_behind(actor, "customers:write")
        found = await self.ctx.work.rows(asked, {"customer": customer})
        if not found and actor.reach.is_limited:
            raise OnlyShared
        return {row.unit_id for row in found}

    def add_new(self, **values: Any) -> Written[AccessGrantRead]:
        id = self.ctx.new_id()
        self._show(id, values, set(), viewers(values))
        if until := values["until"]:
            self._wait(id, until)
        return self.add(AccessGranted, id=id, **values)

    def end(self, row: AccessGrant, event: type[Event], **values: Any) -> Written[AccessGrantRead]:
        """Takes the customer from the unit's sight."""
        self.noun.check_transition(row.state, values["state"])
        self._show(row.id, vars(row), viewers(vars(row)), set())
        return self.change(row, event, ended_at=self.ctx.now, **values)

    def _show(self, id: UUID, of: Mapping[str, Any], before: set[UUID], after: set[UUID]) -> None:
        writes = of["level"] == AccessLevel.write
        because = Because(source_id=id, unit_id=of["business_unit_id"], writes=writes)
        set_viewers(self.ctx, CUSTOMER, of["customer_id"], because, before, after)

    def _wait(self, id: UUID, until: datetime) -> None:
        timers.schedule(self.ctx, TIMER, id, self.ctx.tenant.id, until)
