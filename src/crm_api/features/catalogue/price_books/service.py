from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.features.catalogue.product_categories.resource import PRODUCT_CATEGORY
from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.context import Context
from crm_api.kit.linked import Held
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.platform.business_units.service import BusinessUnitService

from . import rules
from .events import PriceBookArchived, PriceBookCreated, PriceBookRestored, PriceBookUpdated
from .models import PriceBookState
from .queries import PriceBookQuery
from .repository import PriceBookRepository
from .schemas import PriceBookCreate, PriceBookRead, PriceBookUpdate

Sent = dict[str, Any]
NOTHING: Mapping[str, Any] = {}


class PriceBookService:
    """For whom there are which prices, and where to look for those that a book does not say."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.books = PriceBookRepository(ctx)

    async def list(self, query: PriceBookQuery) -> Listing:
        return await self.books.page(query)

    async def get(self, id: UUID) -> Document[PriceBookRead]:
        return await self.books.get(id)

    async def create(self, data: PriceBookCreate) -> Written[PriceBookRead]:
        sent, id = data.changes(), self.ctx.new_id()
        if parent := sent["parent_id"]:
            rules.check_parent(sent, await self.books.parent_of(id, parent))
        rules.check(sent)
        await self._check_named(sent)
        return self.books.add(PriceBookCreated, id=id, **sent)

    async def update(self, id: UUID, data: PriceBookUpdate) -> Written[PriceBookRead]:
        sent = data.changes()
        if parent := sent.get("parent_id"):
            await self._check_parent(id, parent)
        book = await self.books.editable(id)
        rules.check(vars(book) | sent)
        await self._check_named(sent, vars(book))
        return self.books.rewrite(book, PriceBookUpdated, **sent)

    async def archive(self, id: UUID) -> Written[PriceBookRead]:
        """Its children are looked in after as before, and then its parent."""
        return await self.books.move(id, PriceBookState.archived, PriceBookArchived)

    async def restore(self, id: UUID) -> Written[PriceBookRead]:
        return await self.books.move(id, PriceBookState.live, PriceBookRestored)

    async def _check_parent(self, id: UUID, parent: UUID) -> None:
        """The one that a book has already may be archived by now. Raises NotFound,
        UnknownReference, WrongParent, UnfitPriceBook."""
        await self.books.lock_tree()
        book = (await self.get(id)).value
        if parent != book.parent_id:
            rules.check_parent(book.model_dump(), await self.books.parent_of(id, parent))

    async def _check_named(self, sent: Sent, before: Mapping[str, Any] = NOTHING) -> None:
        """What a book did not name before. Raises UnknownReference, WrongPlace, ArchivedThere."""
        new = {name: id for name, id in sent.items() if id and id != before.get(name)}
        if unit := new.get("business_unit_id"):
            await BusinessUnitService(self.ctx).check_live(unit)
        if customer := new.get("customer_id"):
            await Held(self.ctx, CUSTOMER).check({"/customer_id": customer})
        known = set(rules.categories(before.get("rules", ())).values())
        named = rules.categories(sent.get("rules", ()))
        strangers = {place: id for place, id in named.items() if id not in known}
        if strangers:
            await Held(self.ctx, PRODUCT_CATEGORY).check(strangers)
