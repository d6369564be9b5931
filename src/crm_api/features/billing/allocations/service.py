from uuid import UUID

from crm_api.features.trade.orders.resource import ORDER
from crm_api.features.trade.steps.service import StepService
from crm_api.kit.context import Context
from crm_api.kit.linked import Linked

from . import rules
from .errors import UnfitAllocations, Wrong
from .rules import Allocations, Columns


class AllocationService:
    """What receipts pay for. A receipt is locked before its orders, and these in the order of their
    ids, so that nobody waits for each other."""

    def __init__(self, ctx: Context) -> None:
        self.linked, self.steps = Linked(ctx), StepService(ctx)

    async def check_named(self, known: Allocations, asked: Allocations) -> None:
        """That the caller sees the orders that are named anew. Raises UnknownReference."""
        places = rules.places(asked, known)
        await self.linked.check_named({at: ORDER.prefix.write(id) for id, at in places.items()})

    async def pay(self, receipt: Columns, asked: Allocations) -> None:
        """Orders are paid from a receipt. Raises NotFound, NotUnderWay, UnfitAllocations."""
        more, places = rules.amounts(asked), rules.places(asked)
        found: dict[UUID, list[Wrong]] = {}

        def look(order: Columns) -> None:
            id = order["id"]
            found[id] = list(rules.misfits(receipt, order, more[id], places[id]))

        if more:
            await self.steps.pay(more, look, places)
        if wrong := [one for id in more for one in found[id]]:
            raise UnfitAllocations(wrong)

    async def take_off(self, asked: Allocations) -> None:
        """Orders are paid no more, whatever has become of them."""
        if less := rules.less(asked):
            await self.steps.pay(less)
