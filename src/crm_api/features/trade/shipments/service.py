from collections.abc import Sequence
from uuid import UUID

from crm_api.features.trade.fulfilment.schemas import quantities
from crm_api.features.trade.fulfilment.service import FulfilledOrders
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.features.trade.steps.schemas import taken_on
from crm_api.features.trade.steps.service import StepService
from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.reader import Expand
from crm_api.platform.business_units.placing import PlaceService
from crm_api.platform.business_units.rules import today
from crm_api.platform.external_ids.service import Sent
from crm_api.platform.number_patterns.numbering import Unnumbered

from . import events, rules
from .errors import IncompleteShipment
from .models import Shipment, ShipmentState
from .queries import ShipmentQuery
from .repository import ShipmentRepository
from .resource import SHIPMENT
from .schemas import (
    ShipmentAcceptance,
    ShipmentCreate,
    ShipmentFailure,
    ShipmentRead,
    ShipmentRefusal,
    ShipmentTracking,
    ShipmentUpdate,
)

One = Document[ShipmentRead]
Changed = Written[ShipmentRead]


class ShipmentService:
    """What is sent to customers of what they have ordered."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.shipments = ctx, ShipmentRepository(ctx)
        self.orders, self.steps = FulfilledOrders(ctx, rules.WRITE), StepService(ctx)
        self.unnumbered = Unnumbered(ctx, SHIPMENT.word)

    async def list(self, query: ShipmentQuery) -> Listing:
        return await self.shipments.page(query)

    async def get(self, id: UUID, expand: Expand = ()) -> One:
        return await self.shipments.get(id, expand)

    async def by_external_id(self, system: str, value: str, expand: Expand = ()) -> One:
        return await self.shipments.by_external_id(system, value, expand)

    async def create(self, data: ShipmentCreate) -> Changed:
        created = await self.seen_first(data.changes())
        await self.write_new()
        return created

    async def update(self, id: UUID, data: ShipmentUpdate) -> Changed:
        return await self.seen_again(await self.shipments.load(id), data.changes())

    async def ready(self, id: UUID) -> Changed:
        """Raises NotUnderWay where the order was cancelled after the shipment had failed."""
        order, shipment = await self._with_order(id, ShipmentState.ready)
        taken_on(OrderStatus(order.status))
        return self.shipments.reach(shipment, ShipmentState.ready)

    async def ship(self, id: UUID) -> Changed:
        """Raises NotUnderWay, UnfitGoods."""
        order, shipment = await self._with_order(id, ShipmentState.shipped)
        await self.steps.ship(order.id, quantities(shipment.lines))
        return self.shipments.reach(shipment, ShipmentState.shipped)

    async def fail(self, id: UUID, data: ShipmentFailure) -> Changed:
        order, shipment = await self._with_order(id, ShipmentState.failed)
        await self.steps.bring_back(order.id, quantities(shipment.lines))
        return self.shipments.reach(shipment, ShipmentState.failed, failure_reason=data.reason)

    async def cancel(self, id: UUID) -> Changed:
        return self.shipments.reach(await self.shipments.load(id), ShipmentState.cancelled)

    async def deliver(self, id: UUID) -> Changed:
        return self.shipments.reach(await self.shipments.load(id), ShipmentState.delivered)

    async def accept(self, id: UUID, data: ShipmentAcceptance) -> Changed:
        shipment = await self.shipments.load(id)
        zone = await PlaceService(self.ctx).zone(shipment.business_unit_id)
        told = rules.accepted(data.changes(), today(self.ctx.now, zone))
        return self.shipments.reach(shipment, ShipmentState.accepted, **told)

    async def refuse(self, id: UUID, data: ShipmentRefusal) -> Changed:
        shipment = await self.shipments.load(id)
        return self.shipments.reach(shipment, ShipmentState.refused, refusal_reason=data.reason)

    async def track(self, id: UUID, data: ShipmentTracking) -> Changed:
        """Raises TrackedTooOften."""
        shipment = await self.shipments.load(id)
        told = rules.tracked(shipment.tracking_events, data.model_dump(mode="json")["events"])
        return self.shipments.rewrite(shipment, events.ShipmentTracked, tracking_events=told)

    async def follow_cancelled(self, order: UUID) -> None:
        """Of a cancelled order nothing is sent any more."""
        for shipment in await self.shipments.waiting_for(order):
            self.shipments.reach(shipment, ShipmentState.cancelled)

    async def claim(
        self, system: str, values: Sequence[str], sent: Sequence[Sent]
    ) -> dict[str, Shipment]:
        """Orders that new shipments are going to name are locked first."""
        self.unnumbered = Unnumbered(self.ctx, SHIPMENT.word)
        self.orders = FulfilledOrders(self.ctx, rules.WRITE)
        await self.orders.look_up(one["order_id"] for one in sent if "order_id" in one)
        return await self.shipments.claim(system, values)

    async def seen_first(self, sent: Sent) -> Changed:
        """Raises IncompleteShipment, NothingLeft, UnfitGoods, and what `named` raises."""
        if "order_id" not in sent:
            raise IncompleteShipment
        order, id = await self.orders.named(sent["order_id"]), self.ctx.new_id()
        self.unnumbered.keep({"id": id, **rules.begun(order, sent)})
        return Written(ShipmentRead, id, 1, "created")

    async def write_new(self) -> None:
        """Shipments that were seen first get their numbers together."""
        for shipment in await self.unnumbered.numbered():
            self.shipments.add_new(**shipment)

    async def seen_again(self, row: Shipment, sent: Sent) -> Changed:
        """Raises SettledShipment, UnfitGoods, UnknownReference."""
        values = rules.changed(vars(row), sent)
        rules.check_settled(row, values)
        if values.get("lines", row.lines) != row.lines:
            rules.check_fits(await self.orders.read(row.order_id), values["lines"])
        return self.shipments.rewrite(row, events.ShipmentUpdated, **values)

    async def _with_order(self, id: UUID, to: ShipmentState) -> tuple[OrderRead, Shipment]:
        """A shipment that may come to a state, locked after its order. Raises InvalidTransition."""
        order = await self.orders.locked((await self.shipments.get(id)).value.order_id)
        shipment = await self.shipments.load(id)
        SHIPMENT.check_transition(shipment.status, to)
        return order, shipment
