from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from crm_api.features.pipeline.parts.service import PartService
from crm_api.features.pipeline.pipelines.service import PipelineService
from crm_api.features.pipeline.stays.service import StayService
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.audit.remembering import Remembering
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.custom_fields.values import CustomValues
from crm_api.platform.users.listed import with_more, without
from crm_api.platform.users.schemas import CollaboratorsChange

from . import rules
from .criteria import DEALS
from .events import DealArchived, DealRestored, DealUpdated
from .models import Deal, DealState
from .queries import DealAggregate, DealQuery, DealSearch
from .repository import DealRepository
from .resource import DEAL
from .schemas import DealCreate, DealRead, DealUpdate

Sent = dict[str, Any]
One = Document[DealRead]
Changed = Written[DealRead]
Columns = Mapping[str, Any]
Decided = tuple[type[Event], Sent]
T = TypeVar("T")
Decide = Callable[[Columns], Awaitable[T]]


class DealService(Remembering[DealRead, DealQuery]):
    """Sales that may come about."""

    fields = DEALS
    noun = DEAL

    def __init__(self, ctx: Context) -> None:
        self.deals = DealRepository(ctx)
        super().__init__(ctx, self.deals)
        self.custom = CustomValues(ctx, DEAL)
        self.parts, self.pipelines = PartService(ctx), PipelineService(ctx)
        self.units = BusinessUnitService(ctx)

    async def aggregate(self, asked: DealAggregate) -> bytes:
        return await self._figures(DealSearch(state=asked.state), asked)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.deals.by_external_id(system, value, expand)

    async def create(self, data: DealCreate) -> Changed:
        return await self._add(data.changes())

    async def update(self, id: UUID, data: DealUpdate) -> Changed:
        deal = await self.deals.editable(id)
        values = await self._revised(deal, data.changes())
        return self.deals.rewrite(deal, DealUpdated, **values)

    async def archive(self, id: UUID) -> Changed:
        """Hide a deal from daily work and from reports of what is open."""
        return await self.deals.move(id, DealState.archived, DealArchived)

    async def restore(self, id: UUID) -> Changed:
        return await self.deals.move(id, DealState.live, DealRestored)

    async def add_collaborators(self, id: UUID, data: CollaboratorsChange) -> Changed:
        deal = await self.deals.editable(id)
        working = await with_more(self.ctx, deal.collaborator_ids, data.collaborator_ids)
        return self.deals.rewrite(deal, DealUpdated, collaborator_ids=working)

    async def remove_collaborators(self, id: UUID, data: CollaboratorsChange) -> Changed:
        deal = await self.deals.editable(id)
        left = without(deal.collaborator_ids, data.collaborator_ids)
        return self.deals.rewrite(deal, DealUpdated, collaborator_ids=left)

    async def place(self, id: UUID, decide: Callable[[Columns], Awaitable[Decided]]) -> Changed:
        """Takes a deal to where `decide` says that it goes from where it is: an event, and columns.

        Raises PreconditionRequired to whoever does not say which version he has seen.
        """
        deal = await self.deals.editable(id)
        self.ctx.expect(deal.version, required=True)
        event, values = await decide(vars(deal))
        return self.deals.rewrite(deal, event, **values)

    async def watch(self, id: UUID, look: Decide[Decided | datetime | None]) -> datetime | None:
        """As the time of a timer comes: changes a deal, or answers when to look again."""
        [deal] = await self.deals.load_all([id])
        seen = await look(vars(deal))
        if isinstance(seen, tuple):
            self.deals.rewrite(deal, seen[0], **seen[1])
            return None
        return seen

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Deal]:
        self.pipelines = PipelineService(self.ctx)
        await self.custom.look_up(sent)
        await self.parts.look_up(sent)
        return await self.deals.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        rules.check_complete(sent)
        return await self._add(sent)

    async def seen_again(self, row: Deal, sent: Sent) -> Changed:
        """As the system sees it; an archived one comes back into daily work."""
        rules.check_new_only(row, sent)
        values = await self._revised(row, rules.changeable(sent))
        if row.state == DealState.live:
            return self.deals.rewrite(row, DealUpdated, **values)
        return self.deals.rewrite(row, DealRestored, **values, state=DealState.live)

    async def _add(self, sent: Sent) -> Changed:
        sent = await self.custom.complete(rules.begun(sent, self.ctx.actor.user_id))
        working = sent["owner_id"], *sent["collaborator_ids"]
        unit = await self.units.working(rules.WRITE, sent["business_unit_id"], *working)
        await self.parts.check_named(sent)
        pipeline = await self.pipelines.hold_for(unit, sent["pipeline_id"])
        named = {"id": self.ctx.new_id(), "business_unit_id": unit, "pipeline_id": pipeline.id}
        deal = {**await self.parts.columns(sent, None, pipeline), **named}
        placed = StayService(self.ctx).begin(deal, pipeline.open_stage(sent["stage"]))
        return self.deals.add_new(**{**placed, **deal, "stage": placed["stage"]})

    async def _revised(self, deal: Deal, sent: Sent) -> Sent:
        await self.parts.check_named(sent, deal)
        values = await self.parts.columns(await self.custom.revised(deal, sent), deal)
        return rules.kept(deal, values)
