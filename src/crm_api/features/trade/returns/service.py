from uuid import UUID

from crm_api.features.trade.fulfilment.service import FulfilledOrders
from crm_api.features.trade.steps.service import StepService
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.number_patterns.numbering import NumberService

from . import events, rules
from .models import ReturnState
from .queries import ReturnQuery
from .repository import ReturnRepository
from .resource import RETURN
from .schemas import ReturnCreate, ReturnRead, ReturnReceipt, ReturnRejection, ReturnUpdate

Changed = Written[ReturnRead]


class ReturnService:
    """What customers give back of what they have."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.returns = ctx, ReturnRepository(ctx)
        self.orders, self.steps = FulfilledOrders(ctx, rules.WRITE), StepService(ctx)

    async def list(self, query: ReturnQuery) -> Listing:
        return await self.returns.page(query)

    async def get(self, id: UUID, expand: Expand = ()) -> Document[ReturnRead]:
        return await self.returns.get(id, expand)

    async def create(self, data: ReturnCreate) -> Changed:
        """Raises UnfitGoods, and what `FulfilledOrders.named` raises."""
        order, sent = await self.orders.named(data.order_id), data.changes()
        begun = rules.begun(order, sent)
        if "number" not in sent:
            unit = order.business_unit_id
            [begun["number"]] = await NumberService(self.ctx).next(RETURN.word, unit)
        return self.returns.add(events.ReturnRequested, **begun)

    async def update(self, id: UUID, data: ReturnUpdate) -> Changed:
        """Raises SettledReturn, UnfitGoods, UnknownReference."""
        row, values = await self.returns.load(id), data.changes()
        rules.check_settled(row, values)
        if "lines" in values:
            order = await self.orders.read(row.order_id)
            values["lines"] = rules.asked(order, values["lines"])
        return self.returns.change(row, events.ReturnUpdated, **values)

    async def approve(self, id: UUID) -> Changed:
        return await self.returns.reach(id, ReturnState.approved)

    async def reject(self, id: UUID, data: ReturnRejection) -> Changed:
        return await self.returns.reach(id, ReturnState.rejected, rejection_reason=data.reason)

    async def receive(self, id: UUID, data: ReturnReceipt) -> Changed:
        """Its order is locked first. Raises InvalidTransition, NotAwaited, UnfitGoods."""
        order = await self.orders.locked((await self.returns.get(id)).value.order_id)
        row, sent = await self.returns.load(id), data.model_dump(mode="json")["lines"]
        RETURN.check_transition(row.status, ReturnState.received)
        more = rules.arriving(row.lines, sent)
        await self.steps.take_back(order.id, more)
        told = {**rules.arrived(row.lines, more, order), "received_at": self.ctx.now}
        return self.returns.change(row, events.ReturnReceived, **told)

    async def close(self, id: UUID) -> Changed:
        return await self.returns.reach(id, ReturnState.closed)
