from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.catalogue.products.schemas import ProductForSale, check_sellable
from crm_api.features.catalogue.products.service import ProductService
from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.pipeline.pipelines.schemas import PipelineRead
from crm_api.features.pipeline.pipelines.service import PipelineService
from crm_api.kit.context import Context
from crm_api.kit.errors import UnknownReference
from crm_api.kit.linked import Held
from crm_api.kit.money import Money
from crm_api.kit.words import say
from crm_api.platform.business_units.rules import today
from crm_api.platform.exchange_rates.rules import converted
from crm_api.platform.exchange_rates.service import ExchangeRateService
from crm_api.platform.users.service import UserService

from . import rules
from .errors import UnfitDeal
from .rules import MOST_WORTH, Known, Sent

NOTHING = dict.fromkeys(("base_amount", "base_currency", "exchange_rate"))


class PartService:
    """What deals are made of: whom they name, and what they are worth."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.customers, self.users = Held(ctx, CUSTOMER), UserService(ctx)
        self.rates: dict[str, Decimal | None] = {}
        self.products: dict[UUID, ProductForSale] = {}

    async def look_up(self, sent: Sequence[Sent]) -> None:
        """Whom deals are going to name, at once; what was held before may be held no more."""
        self.customers = Held(self.ctx, CUSTOMER)
        await self.customers.look_up(id for one in sent for id in rules.customers(one))
        await self.users.look_up(id for one in sent for id in rules.newly_named(one).values())
        self.products = {}
        await self._look_up_products(id for one in sent for id in rules.products(one).values())

    async def check_named(self, sent: Sent, deal: Known | None = None) -> None:
        """Raises UnknownReference, ArchivedThere, UnknownUsers, NotForSale."""
        await self._look_up_products(rules.products(sent).values())
        check_sellable(self.products, rules.products(sent, deal))
        customer, strangers = rules.new_customer(sent, deal), rules.strangers(sent, deal)
        await self.customers.look_up([*customer.values(), *strangers.values()])
        await self.customers.check(customer)
        await self.users.check_named(rules.newly_named(sent, deal))
        if wrong := [place for place, id in strangers.items() if id not in self.customers.rows]:
            raise UnknownReference(*wrong)

    async def columns(
        self, sent: Sent, deal: Known | None, pipeline: PipelineRead | None = None
    ) -> dict[str, Any]:
        """What was sent as a deal has it, with what follows from it. Raises UnfitDeal."""
        if "products" in sent:
            told = [rules.named(product, self.products) for product in sent["products"]]
            sent = {**sent, "products": told}
        values = rules.columns(sent, deal)
        if "checklist" in sent:
            before = deal.checklist if deal else {}
            way = pipeline or await self._way(deal)
            values["checklist"] = rules.ticked(way, before, sent["checklist"])
        if "amount" in values:
            values |= await self.in_base(values["amount"], values["currency"])
        return values

    async def in_base(self, amount: Decimal | None, currency: str | None) -> dict[str, Any]:
        """Columns, by the rate of today; null where no rate is known. Raises UnfitDeal."""
        if amount is None or currency is None:
            return dict(NOTHING)
        base, rate = self.ctx.tenant.base_currency, await self._rate(currency)
        if rate is None:
            return dict(NOTHING)
        worth = converted(amount, rate, base)
        if worth >= MOST_WORTH:
            message = say("In {currency} it has more than twelve digits.", currency=base)
            raise UnfitDeal("/amount", "too_much", message)
        return {"base_amount": worth, "base_currency": base, "exchange_rate": rate}

    async def worth_today(self, amount: Money | None) -> dict[str, Any]:
        """Whether a deal could be won today: `base_amount` is null where no rate is known."""
        if amount is None:
            return {}
        rate = await self._rate(amount.currency)
        return {"currency": amount.currency, "base_amount": rate and amount.value * rate}

    async def _look_up_products(self, ids: Iterable[UUID]) -> None:
        if wanted := set(ids) - self.products.keys():
            self.products |= await ProductService(self.ctx).sellable(wanted)

    async def _rate(self, currency: str) -> Decimal | None:
        if currency not in self.rates:
            day = today(self.ctx.now, self.ctx.tenant.time_zone)
            self.rates[currency] = await ExchangeRateService(self.ctx).rate(currency, day)
        return self.rates[currency]

    async def _way(self, deal: Known | None) -> PipelineRead:
        assert deal is not None, "a new deal is told its pipeline"
        return await PipelineService(self.ctx).hold(deal.pipeline_id)
