from datetime import date
from decimal import Decimal
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.context import Context
from crm_api.kit.errors import UnknownReference
from crm_api.kit.looking import seen_of
from crm_api.kit.money import UnitMoney, written
from crm_api.platform.business_units.placing import PlaceService
from crm_api.platform.business_units.rules import today
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .repository import PriceRepository
from .rules import Asked, Line, Price
from .schemas import PriceQuestion, PriceStep, ResolvedPrice, ResolvedPrices


class PriceService:
    """What products cost: whom, of which unit, on a day."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.prices = PriceRepository(ctx)

    async def resolve(self, asked: Asked) -> list[Price]:
        """One for each line, in their order, also where it has none: one statement. Whether the
        customer and the unit may be named is the caller's to know. Raises UnknownReference, by
        places such as `/lines/0/product_id`."""
        shelf = await self.prices.shelf(asked)
        there = shelf.products
        lost = [n for n, line in enumerate(asked.lines) if line.product_id not in there]
        if lost:
            raise UnknownReference(*(f"/lines/{n}/product_id" for n in lost))
        return rules.prices(shelf, asked.lines)

    async def answer(self, sent: PriceQuestion) -> ResolvedPrices:
        """Raises UnknownReference."""
        unit = sent.business_unit_id or self.ctx.actor.reach.home
        await self._check_named(sent)
        lines = tuple(Line(one.product_id, Decimal(one.quantity)) for one in sent.lines)
        day = sent.on or await self._today(unit)
        asked = Asked(sent.currency, day, lines, sent.customer_id, unit)
        found = zip(sent.lines, await self.resolve(asked), strict=True)
        return ResolvedPrices(
            object="resolved_prices",
            currency=asked.currency,
            customer_id=asked.customer_id,
            business_unit_id=unit,
            on=day,
            lines=[
                _told(one.product_id, one.quantity, price, asked.currency) for one, price in found
            ],
        )

    async def _check_named(self, sent: PriceQuestion) -> None:
        if sent.business_unit_id:
            named = {"/business_unit_id": sent.business_unit_id}
            await BusinessUnitService(self.ctx).check_known(named)
        customer = sent.customer_id
        if customer and not await seen_of(self.ctx, CUSTOMER.model, [customer]):
            raise UnknownReference("/customer_id")

    async def _today(self, unit: UUID | None) -> date:
        zone = await PlaceService(self.ctx).zone(unit) if unit else self.ctx.tenant.time_zone
        return today(self.ctx.now, zone)


def _told(product: UUID, quantity: str, price: Price, currency: str) -> ResolvedPrice:
    return ResolvedPrice(
        product_id=product,
        quantity=quantity,
        unit_price=_money(price.unit_price, currency),
        prices_include_tax=price.includes_tax,
        source=price.source,
        price_book_id=price.price_book_id,
        price_entry_id=price.price_entry_id,
        path=[
            PriceStep(price_book_id=step.price_book_id, found=step.found, rule=step.rule)
            for step in price.path
        ],
    )


def _money(price: Decimal | None, currency: str) -> UnitMoney | None:
    if price is None:
        return None
    return UnitMoney(amount=written(price, currency), currency=currency)
