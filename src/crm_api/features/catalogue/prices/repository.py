from crm_api.kit.context import Context

from .queries import FIND, shelf
from .rules import Asked, Shelf


class PriceRepository:
    """What is known of all lines, in one statement."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def shelf(self, asked: Asked) -> Shelf:
        told = {
            "products": [line.product_id for line in asked.lines],
            "quantities": [line.quantity for line in asked.lines],
            "currency": asked.currency,
            "customer": asked.customer_id,
            "unit": asked.business_unit_id,
            "day": asked.on,
            "now": self.ctx.now,
        }
        return shelf(await self.ctx.work.fetch(FIND, told))
