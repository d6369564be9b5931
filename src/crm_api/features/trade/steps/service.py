from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.trade.goods.schemas import Quantities
from crm_api.features.trade.orders.events import (
    REACHED,
    OrderGoodsReturned,
    OrderPaymentChanged,
    OrderShipmentChanged,
)
from crm_api.features.trade.orders.resource import ORDER
from crm_api.features.trade.orders.service import Changed, Decided, OrderService, Sent, walked
from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.context import Context
from crm_api.kit.events import Event

from . import rules
from .schemas import OrderCancel

NOWHERE: Mapping[UUID, str] = {}


class StepService:
    """How orders go on: by those who take them on, and as goods and money move."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.orders = ctx, OrderService(ctx)

    async def confirm(self, id: UUID) -> Changed:
        return await self._reach(id, OrderStatus.confirmed)

    async def complete(self, id: UUID) -> Changed:
        return await self._reach(id, OrderStatus.completed)

    async def cancel(self, id: UUID, data: OrderCancel) -> Changed:
        return await self._reach(id, OrderStatus.cancelled, data.reason)

    async def ship(self, id: UUID, more: Quantities) -> None:
        """So much more of an order's lines leaves; a body names them in this order.

        Raises NotFound, NotUnderWay, UnfitGoods.
        """
        await self._bring({id: more}, rules.shipped, OrderShipmentChanged)

    async def bring_back(self, id: UUID, shipped: Quantities) -> None:
        """What had left could not be delivered."""
        less = {line: -quantity for line, quantity in shipped.items()}
        await self._bring({id: less}, rules.brought_back, OrderShipmentChanged)

    async def take_back(self, id: UUID, more: Quantities) -> None:
        """The customer gives back so much more. Raises as `ship` does."""
        await self._bring({id: more}, rules.taken_back, OrderGoodsReturned)

    async def pay(
        self,
        more: Mapping[UUID, Decimal],
        look: Callable[[Sent], None] | None = None,
        places: Mapping[UUID, str] = NOWHERE,
    ) -> None:
        """So much more of some orders is paid, in their currencies; less, where that is below zero.

        `look` is shown each of them, locked and as it was before; `places` say where a body names
        them. Raises NotFound, NotUnderWay, and what `look` raises.
        """

        def follow(order: Sent, money: Decimal) -> Sent:
            if look:
                look(order)
            return rules.paid(order, money, places.get(order["id"], "/order_id"))

        await self._bring(more, follow, OrderPaymentChanged)

    async def _bring(
        self, changes: Mapping[UUID, Any], follow: Callable[[Sent, Any], Sent], event: type[Event]
    ) -> None:
        async def decide(order: Sent) -> Decided:
            return [event], follow(order, changes[order["id"]])

        await self.orders.bring(changes.keys(), decide)

    async def _reach(self, id: UUID, to: OrderStatus, reason: str | None = None) -> Changed:
        async def decide(order: Sent) -> Decided:
            ORDER.check_transition(order["status"], to)
            sent = {"status": to, "cancellation_reason": reason}
            values, way = walked(order, sent, self.ctx.now)
            return [REACHED[state] for state in way], values

        return await self.orders.place(id, decide)
