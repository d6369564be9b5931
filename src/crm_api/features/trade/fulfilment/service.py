from collections.abc import Iterable
from uuid import UUID

from crm_api.features.trade.orders.resource import ORDER
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.features.trade.orders.service import OrderService
from crm_api.features.trade.steps.schemas import taken_on
from crm_api.features.trade.terms.schemas import OrderStatus
from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound, UnknownReference
from crm_api.kit.looking import seen_of
from crm_api.platform.business_units.working import reaches

from .errors import OrderOfOthers


class FulfilledOrders:
    """Orders whose goods are shipped and taken back.

    Whoever changes an order together with its shipments or returns locks the order first: so do
    those who cancel an order, which its shipments follow.
    """

    def __init__(self, ctx: Context, scope: str) -> None:
        self.ctx, self.scope, self.orders = ctx, scope, OrderService(ctx)
        self.found: dict[UUID, OrderRead] = {}

    async def look_up(self, ids: Iterable[UUID]) -> None:
        """Those that the caller sees, at once; they are as they were found until the commit."""
        wanted = set(ids) - self.found.keys()
        if wanted and self.ctx.actor.may([ORDER.scope]):
            seen = await seen_of(self.ctx, ORDER.model, wanted)
            self.found |= await self.orders.locked(seen)

    async def named(self, id: UUID) -> OrderRead:
        """That of a new record. Raises UnknownReference, OrderOfOthers, NotUnderWay."""
        await self.look_up([id])
        if id not in self.found:
            raise UnknownReference("/order_id")
        order = self.found[id]
        users = (order.owner_id,)
        if not reaches(self.ctx.actor, self.scope, order.business_unit_id, users):
            raise OrderOfOthers
        taken_on(OrderStatus(order.status))
        return order

    async def locked(self, id: UUID) -> OrderRead:
        """That of a record that is there already, whoever calls."""
        return (await self.orders.locked([id]))[id]

    async def read(self, id: UUID) -> OrderRead:
        """As it is just now. Raises UnknownReference where the caller does not see it."""
        try:
            return self.found.get(id) or (await self.orders.get(id)).value
        except NotFound:
            raise UnknownReference("/order_id") from None
