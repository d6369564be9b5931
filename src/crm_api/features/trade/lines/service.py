from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.catalogue.prices.schemas import Asked, Line, Price
from crm_api.features.catalogue.prices.service import PriceService
from crm_api.features.catalogue.products.resource import PRODUCT
from crm_api.features.catalogue.products.schemas import (
    ProductForSale,
    ProductStatus,
    check_sellable,
)
from crm_api.features.catalogue.products.service import ProductService
from crm_api.features.catalogue.tax_rates.service import TaxRateService
from crm_api.features.trade.goods.schemas import carried
from crm_api.kit.context import Context
from crm_api.kit.errors import UnknownReference
from crm_api.kit.rounding import plain

from . import rules
from .rules import Lines as Lines
from .rules import Sent


@dataclass(frozen=True, slots=True)
class Sale:
    """To whom, where and when something is sold, and how its prices are meant."""

    customer_id: UUID
    business_unit_id: UUID
    currency: str
    given: bool
    with_tax: bool
    region: str | None
    on: date


class LineService:
    """What is ordered, completed by what the catalogue says of it."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.products: dict[UUID, ProductForSale] = {}
        self.skus: dict[str, UUID | None] = {}
        self.rates: dict[tuple[str, str, date], str | None] = {}

    async def look_up(self, lines: Iterable[Sent]) -> None:
        """The products that lines name, by their ids or SKUs, at once."""
        lines, products = list(lines), ProductService(self.ctx)
        skus = {line["sku"] for line in lines if line["sku"] and not line["product_id"]}
        if unknown := skus - self.skus.keys():
            self.skus |= dict.fromkeys(unknown) | await products.of_skus(unknown)
        named = {PRODUCT.prefix.read(id) for line in lines if (id := line["product_id"])}
        named |= {id for sku in skus if (id := self.skus[sku])}
        if wanted := named - self.products.keys():
            self.products |= await products.sellable(wanted)

    def by_name(self, line: Sent) -> Sent:
        """A line of what is not for sale any more, without its product."""
        product = self._product(line)
        is_sold = product is not None and product.status == ProductStatus.active
        return line if is_sold else {**line, "product_id": None}

    async def written(self, sent: Lines, before: Lines, sale: Sale) -> list[dict[str, Any]]:
        """Lines as orders keep them, before they are reckoned, in place of those before.

        Raises UnfitLines, UnknownReference, NotForSale.
        """
        rules.check(sent, sale.currency, given=sale.given)
        await self.look_up(sent)
        sold = {line["product_id"] for line in before}
        sent = [self._linked(line, sale, sold) for line in sent]
        self._check_products(sent, before, sale)
        asked = rules.remembered(before, rules.numbered(sent))
        lines = [rules.described(line, self._product(line)) for line in asked]
        lines = await self._priced(await self._taxed(lines, sale), sale)
        rules.check_complete(lines, given=sale.given)
        told = [rules.written(line, sale.currency, with_tax=sale.with_tax) for line in lines]
        return carried(before, told)

    def _linked(self, line: Sent, sale: Sale, sold: Collection[str]) -> Sent:
        """A line that names a product by its SKU alone, where there is one that it may sell, or
        that was sold before."""
        id = None if line["product_id"] else self.skus.get(line["sku"])
        if id is None:
            return line
        name, is_active = PRODUCT.prefix.write(id), self.products[id].status == ProductStatus.active
        return {**line, "product_id": name} if sale.given or is_active or name in sold else line

    def _product(self, line: Sent) -> ProductForSale | None:
        id = line["product_id"]
        return self.products[PRODUCT.prefix.read(id)] if id else None

    def _check_products(self, lines: Lines, before: Lines, sale: Sale) -> None:
        """What an outside system has sold, or what was ordered before, need not be for sale."""
        named = {
            f"/lines/{n}/product_id": PRODUCT.prefix.read(id)
            for n, line in enumerate(lines)
            if (id := line["product_id"])
        }
        if lost := [place for place, id in named.items() if id not in self.products]:
            raise UnknownReference(*lost)
        known = {line["product_id"] for line in before}
        new = {at: id for at, id in named.items() if PRODUCT.prefix.write(id) not in known}
        check_sellable(self.products, {} if sale.given else new)

    async def _priced(self, lines: Lines, sale: Sale) -> list[dict[str, Any]]:
        """Lines with unit prices, and where these came from."""
        asked = [] if sale.given else [line for line in lines if _is_unpriced(line)]
        known = {line["line"]: price for line, price in await self._resolved(asked, sale)}
        return [
            {**line, **rules.priced(line, known.get(line["line"]), sale.currency, sale.with_tax)}
            for line in lines
        ]

    async def _resolved(self, lines: Lines, sale: Sale) -> list[tuple[Sent, Price]]:
        named = (PRODUCT.prefix.read(line["product_id"]) for line in lines)
        much = (Decimal(line["quantity"]) for line in lines)
        of = tuple(Line(*one) for one in zip(named, much, strict=True))
        to = sale.customer_id, sale.business_unit_id
        asked = Asked(sale.currency, sale.on, of, *to)
        found = await PriceService(self.ctx).resolve(asked) if of else []
        return list(zip(lines, found, strict=True))

    async def _taxed(self, lines: Lines, sale: Sale) -> list[dict[str, Any]]:
        """A given line has the rate that it says, if any."""
        if sale.given or sale.region is None:
            return [dict(line) for line in lines]
        classes = {line["tax_class"] for line in lines if line["tax_percent"] is None} - {None}
        await self._look_up_rates(classes, sale.region, sale.on)
        return [
            {**line, "tax_percent": line["tax_percent"] or self._rate(line, sale)} for line in lines
        ]

    def _rate(self, line: Sent, sale: Sale) -> str | None:
        return self.rates.get((line["tax_class"], sale.region or "", sale.on))

    async def _look_up_rates(self, classes: set[str], region: str, on: date) -> None:
        if wanted := {one for one in classes if (one, region, on) not in self.rates}:
            found = await TaxRateService(self.ctx).in_force(wanted, region, on)
            rates = {one: plain(rate.percent) for one, rate in found.items()}
            self.rates |= {(one, region, on): rates.get(one) for one in wanted}


def _is_unpriced(line: Sent) -> bool:
    return line["unit_price"] is None and line["product_id"] is not None
