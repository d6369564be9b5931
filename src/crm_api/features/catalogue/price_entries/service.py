from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.catalogue.price_books.resource import PRICE_BOOK
from crm_api.features.catalogue.products.resource import PRODUCT
from crm_api.kit.batch import Done, run_batch
from crm_api.kit.context import Context
from crm_api.kit.errors import Problem, UnknownReference
from crm_api.kit.linked import Held
from crm_api.kit.looking import seen_of
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.refusing import refuse_failures, refuse_repeated
from crm_api.kit.words import say

from . import rules
from .events import PriceEntryCreated, PriceEntryDeleted, PriceEntryUpdated
from .models import PriceEntry
from .queries import PriceEntryQuery
from .repository import PriceEntryRepository
from .rules import Key
from .schemas import PriceEntryBatch, PriceEntryCreate, PriceEntryRead, PriceEntryUpdate

Items = Sequence[PriceEntryCreate]
AllDone = list[Done]
ONCE = say("Send each price of a book, product, quantity and day once.")


class PriceEntryService:
    """What products cost in the books."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.entries = PriceEntryRepository(ctx)
        self.books, self.products = Held(ctx, PRICE_BOOK, "currency"), set[UUID]()

    async def list(self, query: PriceEntryQuery) -> Listing:
        return await self.entries.page(query)

    async def get(self, id: UUID) -> Document[PriceEntryRead]:
        return await self.entries.get(id)

    async def create(self, data: PriceEntryCreate) -> Written[PriceEntryRead]:
        await self.entries.take_turns()
        await self._look_up([data])
        return await self._add(data)

    async def update(self, id: UUID, data: PriceEntryUpdate) -> Written[PriceEntryRead]:
        await self.entries.take_turns()
        return await self._change(await self.entries.load(id), data.changes())

    async def delete(self, id: UUID) -> None:
        await self.entries.take_turns()
        entry = await self.entries.load(id)
        await self._currency(entry.price_book_id)
        self.entries.remove(entry, PriceEntryDeleted)

    async def upsert(self, batch: PriceEntryBatch) -> AllDone:
        """Each price entered, changed or left as it is, in one statement."""
        refuse_repeated(batch.items, _key, ONCE)
        done = await run_batch(self.ctx, batch.items, self._claim, self._put_all, within="")
        if batch.atomic:
            refuse_failures(done)
        return done

    async def _claim(self, items: Items) -> dict[Key, PriceEntry]:
        found = await self.entries.claim([_key(item) for item in items])
        await self._look_up(items)
        return found

    async def _put_all(self, items: Items) -> AllDone:
        known = await self._claim(items)
        return [await self._put(known.get(_key(item)), item) for item in items]

    async def _put(self, row: PriceEntry | None, item: PriceEntryCreate) -> Done:
        try:
            return await (self._change(row, item.changes()) if row else self._add(item))
        except Problem as problem:
            return problem

    async def _look_up(self, items: Items) -> None:
        """What prices name, at once; what was held before may be held no more."""
        self.books = Held(self.ctx, PRICE_BOOK, "currency")
        await self.books.look_up(item.price_book_id for item in items)
        products = {item.product_id for item in items}
        self.products = await seen_of(self.ctx, PRODUCT.model, products)

    async def _add(self, data: PriceEntryCreate) -> Written[PriceEntryRead]:
        currency = await self._currency(data.price_book_id)
        if data.product_id not in self.products:
            raise UnknownReference("/product_id")
        entry: dict[str, Any] = {"valid_until_on": None, **data.changes()}
        rules.check(entry)
        made = rules.columns(entry, currency)
        return self.entries.add(PriceEntryCreated, **made, currency=currency)

    async def _change(self, row: PriceEntry, sent: rules.Sent) -> Written[PriceEntryRead]:
        currency = await self._currency(row.price_book_id)
        rules.check({**vars(row), **sent})
        return self.entries.change(row, PriceEntryUpdated, **rules.columns(sent, currency))

    async def _currency(self, book: UUID) -> str:
        """Of a book that is in use until the commit. Raises UnknownReference, ArchivedThere."""
        await self.books.check({"/price_book_id": book})
        currency: str = self.books.rows[book].currency
        return currency


def _key(item: PriceEntryCreate) -> Key:
    quantity = Decimal(item.min_quantity)
    return item.price_book_id, item.product_id, quantity, item.valid_from_on
