from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.features.desk.fitting.service import FILTER, FittingService
from crm_api.features.desk.queues.service import QueueService
from crm_api.kit.context import Context
from crm_api.kit.criteria import Document as Ticket
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from .events import RoutingRuleCreated, RoutingRuleDeleted, RoutingRuleUpdated
from .queries import RoutingRuleQuery
from .repository import RoutingRuleRepository
from .rules import Placed
from .schemas import RoutingRuleCreate, RoutingRuleRead, RoutingRuleUpdate

NOTHING: Mapping[str, Any] = {}


class RoutingRuleService:
    """Which tickets go to which queue."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules = RoutingRuleRepository(ctx)

    async def list(self, query: RoutingRuleQuery) -> Listing:
        return await self.rules.page(query)

    async def get(self, id: UUID) -> Document[RoutingRuleRead]:
        return await self.rules.get(id)

    async def create(self, data: RoutingRuleCreate) -> Written[RoutingRuleRead]:
        """Raises UnknownReference, WrongPlace, ArchivedThere, Invalid."""
        sent = data.changes()
        await self._check_named(sent)
        return self.rules.add(RoutingRuleCreated, id=self.ctx.new_id(), **sent)

    async def update(self, id: UUID, data: RoutingRuleUpdate) -> Written[RoutingRuleRead]:
        """Raises UnknownReference, WrongPlace, ArchivedThere, Invalid."""
        rule, sent = await self.rules.load(id), data.changes()
        await self._check_named(sent, vars(rule))
        return self.rules.change(rule, RoutingRuleUpdated, **sent)

    async def delete(self, id: UUID) -> None:
        self.rules.remove(await self.rules.load(id), RoutingRuleDeleted)

    async def place(self, ticket: Ticket, unit: UUID | None) -> Placed:
        """By the first rule that fits a ticket of a unit and whose queue is live; else to the
        default queue, if there is one."""
        rules = await self.rules.of_unit(unit)
        first = await FittingService(self.ctx).first([one.conditions for one in rules], ticket)
        if first is None:
            return Placed(await QueueService(self.ctx).default())
        rule = rules[first]
        return Placed(rule.queue_id, tuple(rule.skills), rule.id)

    async def _check_named(
        self, sent: Mapping[str, Any], before: Mapping[str, Any] = NOTHING
    ) -> None:
        """The conditions that are sent, and the unit and the queue that were not there before."""
        if asked := sent.get("conditions"):
            await FittingService(self.ctx).check(FILTER.validate_python(asked))
        new = {name: id for name, id in sent.items() if id and id != before.get(name)}
        if unit := new.get("business_unit_id"):
            await BusinessUnitService(self.ctx).check_live(unit)
        if queue := new.get("queue_id"):
            await QueueService(self.ctx).check_live(queue)
