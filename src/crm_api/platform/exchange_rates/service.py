from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from crm_api.kit.batch import Done, run_batch
from crm_api.kit.context import Context
from crm_api.kit.errors import Problem
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.refusing import refuse_failures, refuse_repeated
from crm_api.kit.words import say

from .events import ExchangeRateCreated, ExchangeRateDeleted, ExchangeRateUpdated
from .models import ExchangeRate
from .queries import ExchangeRateQuery
from .repository import ExchangeRateRepository, Key
from .rules import check_pair, exact
from .schemas import ExchangeRateBatch, ExchangeRateCreate, ExchangeRateRead, ExchangeRateUpdate

ONE = Decimal(1)
AllDone = list[Done]


class ExchangeRateService:
    """What one unit of a currency is worth in another, from day to day."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rates = ExchangeRateRepository(ctx)

    async def list(self, query: ExchangeRateQuery) -> Listing:
        return await self.rates.page(query)

    async def get(self, id: UUID) -> Document[ExchangeRateRead]:
        return await self.rates.get(id)

    def create(self, data: ExchangeRateCreate) -> Written[ExchangeRateRead]:
        """Raises SameCurrency."""
        sent = {"base_currency": self.ctx.tenant.base_currency, "source": None, **data.changes()}
        check_pair(sent["currency"], sent["base_currency"])
        return self.rates.add(ExchangeRateCreated, **exact(sent))

    async def update(self, id: UUID, data: ExchangeRateUpdate) -> Written[ExchangeRateRead]:
        rate = await self.rates.load(id)
        return self.rates.change(rate, ExchangeRateUpdated, **exact(data.changes()))

    async def delete(self, id: UUID) -> None:
        self.rates.remove(await self.rates.load(id), ExchangeRateDeleted)

    async def upsert(self, batch: ExchangeRateBatch) -> AllDone:
        """Each rate created, corrected or left as it is, in one statement."""
        refuse_repeated(batch.items, self._key, say("Send each day of a pair once."))
        done = await run_batch(self.ctx, batch.items, self._claim, self._put_all, within="")
        if batch.atomic:
            refuse_failures(done)
        return done

    async def rate(self, currency: str, on: date) -> Decimal | None:
        """So many units of the tenant's base currency is one unit of `currency` on a day of the
        tenant's time zone: 1 for the base currency itself, null where no rate is in force.

        `rules.converted` makes an amount of it; `criteria.rate_on` and `criteria.worth` say the
        same in SQL, for many rows.
        """
        base = self.ctx.tenant.base_currency
        return ONE if currency == base else await self.rates.in_force(currency, base, on)

    def _key(self, item: ExchangeRateCreate) -> Key:
        base = item.changes().get("base_currency", self.ctx.tenant.base_currency)
        return item.currency, base, item.valid_from_on

    async def _claim(self, items: Sequence[ExchangeRateCreate]) -> dict[Key, ExchangeRate]:
        return await self.rates.claim([self._key(item) for item in items])

    async def _put_all(self, items: Sequence[ExchangeRateCreate]) -> AllDone:
        known = await self._claim(items)
        return [self._put(known.get(self._key(item)), item) for item in items]

    def _put(self, row: ExchangeRate | None, item: ExchangeRateCreate) -> Done:
        if row is not None:
            return self.rates.change(row, ExchangeRateUpdated, **exact(item.changes()))
        try:
            return self.create(item)
        except Problem as problem:
            return problem
