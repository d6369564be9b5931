from collections.abc import Collection
from datetime import date
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written

from . import rules
from .events import TaxRateCreated, TaxRateDeleted, TaxRateUpdated
from .queries import TaxRateQuery
from .repository import TaxRateRepository
from .rules import TaxRateInForce
from .schemas import TaxRateCreate, TaxRateRead, TaxRateUpdate

Rates = dict[str, TaxRateInForce]


class TaxRateService:
    """What is taxed with how much, where and when."""

    def __init__(self, ctx: Context) -> None:
        self.rates = TaxRateRepository(ctx)

    async def list(self, query: TaxRateQuery) -> Listing:
        return await self.rates.page(query)

    async def get(self, id: UUID) -> Document[TaxRateRead]:
        return await self.rates.get(id)

    async def create(self, data: TaxRateCreate) -> Written[TaxRateRead]:
        """Raises EndsTooEarly."""
        rules.check_ends(data.valid_from_on, data.valid_until_on)
        await self.rates.take_turns(data.tax_class, data.region)
        return self.rates.add(TaxRateCreated, **rules.exact(data.model_dump()))

    async def update(self, id: UUID, data: TaxRateUpdate) -> Written[TaxRateRead]:
        """Raises EndsTooEarly."""
        rate, sent = await self.rates.load(id), data.changes()
        begins = sent.get("valid_from_on", rate.valid_from_on)
        rules.check_ends(begins, sent.get("valid_until_on", rate.valid_until_on))
        await self.rates.take_turns(rate.tax_class, rate.region)
        return self.rates.change(rate, TaxRateUpdated, **rules.exact(sent))

    async def delete(self, id: UUID) -> None:
        self.rates.remove(await self.rates.load(id), TaxRateDeleted)

    async def in_force(self, classes: Collection[str], region: str, on: date) -> Rates:
        """The rates of these classes on a day, by the classes: those of `region`, else of the
        country that it is a part of. A class that has neither is missing.

        What a document is made with stands in the document: rates are corrected, and deleted.
        """
        return await self.rates.in_force(classes, region, on)
