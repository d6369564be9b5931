from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.pipeline.deals.resource import DEAL
from crm_api.features.pipeline.deals.schemas import DealRead
from crm_api.features.pipeline.deals.service import DealService
from crm_api.features.pipeline.pipelines.service import PipelineService
from crm_api.features.trade.goods.schemas import moved
from crm_api.features.trade.lines.service import Lines, LineService, Sale
from crm_api.features.trade.terms.schemas import OrderStatus, Pricing
from crm_api.kit.context import Context
from crm_api.kit.errors import NotFound, UnknownReference
from crm_api.kit.words import say
from crm_api.platform.business_units.chosen import ChosenUnits
from crm_api.platform.business_units.rules import today
from crm_api.platform.business_units.working import check_own
from crm_api.platform.exchange_rates.rules import converted
from crm_api.platform.exchange_rates.service import ExchangeRateService
from crm_api.platform.legal_entities.resource import LEGAL_ENTITY
from crm_api.platform.legal_entities.service import LegalEntityService
from crm_api.platform.totals.documents import columns
from crm_api.platform.totals.errors import UnfitTotals
from crm_api.platform.totals.rules import MOST_WORTH

from . import rules
from .errors import LostDeal

Fields = Mapping[str, Any]
NO_BASE = dict.fromkeys(("base_total", "base_currency", "exchange_rate"))


class SaleService:
    """Where and when something is sold, and what that comes to."""

    def __init__(self, ctx: Context, scope: str) -> None:
        self.ctx, self.scope = ctx, scope
        self.lines, self.units = LineService(ctx), ChosenUnits(ctx, scope)
        self.countries: dict[UUID, str | None] = {}
        self.rates: dict[tuple[str, date], Decimal | None] = {}

    async def unit(self, said: UUID | None, owner: UUID | None) -> UUID:
        """The unit that sells. Raises SayUnit, NotYourUnit, NotYours, UnknownReference."""
        unit = await self.units.choose(said)
        check_own(self.ctx.actor, self.scope, unit, (owner,))
        return unit

    async def of_deal(self, sent: dict[str, Any]) -> dict[str, Any]:
        """What is left out is taken from the deal. Raises UnknownReference, LostDeal,
        OtherCustomer."""
        if sent.get("deal_id") is None:
            return sent
        deal = await self._deal(sent["deal_id"])
        if deal.status == "lost":
            raise LostDeal
        return rules.of_deal(deal, sent, self.ctx.actor.user_id)

    async def won(self, deal: UUID) -> dict[str, Any] | None:
        """What an order of a deal is, where the deal's pipeline says that winning it makes one.
        What is not for sale any more is ordered by its name."""
        found = (await DealService(self.ctx).get(deal)).value
        pipeline = await PipelineService(self.ctx).get(found.pipeline_id)
        if not pipeline.value.orders_when_won:
            return None
        sent = rules.of_deal(found, {"deal_id": deal, "custom": {}})
        await self.lines.look_up(sent["lines"])
        return {**sent, "lines": [self.lines.by_name(line) for line in sent["lines"]]}

    async def _deal(self, id: UUID) -> DealRead:
        if not self.ctx.actor.may([DEAL.scope]):
            raise UnknownReference("/deal_id")
        try:
            return (await DealService(self.ctx).get(id)).value
        except NotFound:
            raise UnknownReference("/deal_id") from None

    async def reckoned(self, order: Fields, sent: Lines | None, before: Fields) -> dict[str, Any]:
        """The columns of what is ordered, as an order has it from now on; `sent` are its lines in
        place of those that it has. Raises UnfitLines, UnfitTotals, UnknownReference, NotForSale.
        """
        sale, known = await self._sale(order), before.get("lines", [])
        lines = known if sent is None else await self.lines.written(sent, known, sale)
        made = columns(order, lines, given=sale.given)
        worth = await self._in_base(made["total"], order, before, sale.on)
        return {**made, **moved(lines), **worth, "tax_region": sale.region}

    async def _sale(self, order: Fields) -> Sale:
        unit = order["business_unit_id"]
        return Sale(
            customer_id=order["customer_id"],
            business_unit_id=unit,
            currency=order["currency"],
            given=order["pricing"] == Pricing.given,
            with_tax=order["prices_include_tax"],
            region=order["tax_region"] or await self._country(order),
            on=today(order["ordered_at"], await self.units.zone(unit)),
        )

    async def _country(self, order: Fields) -> str | None:
        """Where it goes to, else where the seller is."""
        unit, there = order["business_unit_id"], order["shipping_address"]
        if there:
            return str(there["country"])
        if unit not in self.countries:
            entity = await self.units.entity(unit)
            self.countries[unit] = await self._registered(entity) if entity else None
        return self.countries[unit]

    async def _registered(self, entity: str) -> str:
        found = await LegalEntityService(self.ctx).get(LEGAL_ENTITY.prefix.read(entity))
        return found.value.country

    async def _in_base(
        self, total: Decimal, order: Fields, before: Fields, on: date
    ) -> dict[str, Any]:
        """By the rate of the day; that of an order that was confirmed stays. Raises UnfitTotals."""
        is_kept = before.get("status", OrderStatus.draft) != OrderStatus.draft
        kept = before["exchange_rate"] if is_kept else None
        rate = kept or await self._rate(order["currency"], on)
        if rate is None:
            return dict(NO_BASE)
        base = before["base_currency"] if kept else self.ctx.tenant.base_currency
        worth = converted(total, rate, base)
        if worth >= MOST_WORTH:
            message = say("In {currency} it has more than twelve digits.", currency=base)
            raise UnfitTotals("/lines", "too_much", message)
        return {"base_total": worth, "base_currency": base, "exchange_rate": rate}

    async def _rate(self, currency: str, on: date) -> Decimal | None:
        if (currency, on) not in self.rates:
            self.rates[currency, on] = await ExchangeRateService(self.ctx).rate(currency, on)
        return self.rates[currency, on]
