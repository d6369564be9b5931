from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from crm_api.features.customers.events import CustomerArchived, CustomerRestored
from crm_api.features.customers.queries import CustomerSearch
from crm_api.features.customers.schemas import CustomerRead, CustomerUpdate
from crm_api.features.customers.service import CustomerService
from crm_api.kit.batch import Done, in_item, run_batch
from crm_api.kit.context import Context
from crm_api.kit.errors import Archived, NotFound, Problem
from crm_api.kit.projection import Written
from crm_api.kit.query import Meant
from crm_api.kit.walking import Walker

from .schemas import About, Change

ALL = CustomerSearch.model_construct(state=[])


class ChangeService(CustomerService):
    """One change of many customers: of each as if it were alone, of all in one statement."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.walker = Walker(ctx, CustomerRead)

    async def there(self, ids: Sequence[UUID]) -> set[UUID]:
        """Which of these customers there are."""
        return await self.walker.those(ALL, {}, ids)

    async def meant(self, about: About) -> Meant:
        """Raises Invalid, Forbidden."""
        known = replace(await self._asker(), now=about.now)
        return known.meant(filter=about.filter)

    async def found(self, about: About, after: UUID) -> tuple[list[UUID], int, UUID | None]:
        """The next customers that are meant."""
        query = CustomerSearch.model_construct(state=about.state)
        return await self.walker.ids(query, await self.meant(about), after)

    async def change_all(self, change: Change, ids: Sequence[UUID]) -> list[Done | None]:
        """What becomes of each; null where it is not meant any more."""
        if "parent_id" in change.values:
            await self.customers.lock_tree()
        known = {row.id for row in await self.customers.load_all(ids)}
        fit = await self._fit(change.about, known) if change.about else known
        put = partial(self._put, change)
        done = await run_batch(self.ctx, [i for i in ids if i in fit], self.customers.load_all, put)
        told = dict(zip((i for i in ids if i in fit), done, strict=True))
        return [told.get(i) if i in known else NotFound() for i in ids]

    async def _fit(self, about: About, known: set[UUID]) -> set[UUID]:
        """They are locked, so that nobody changes them after this look."""
        query = CustomerSearch.model_construct(state=about.state)
        return await self.walker.those(query, await self.meant(about), list(known))

    async def _put(self, change: Change, ids: Sequence[UUID]) -> list[Done]:
        rows = {row.id: row for row in await self.customers.load_all(ids)}
        return [await self._try(change, rows[id]) for id in ids]

    async def _try(self, change: Change, row: Any) -> Done:
        try:
            return await self._change(change, row)
        except Problem as problem:
            return in_item(problem)

    async def _change(self, change: Change, row: Any) -> Written[Any]:
        if change.action == "archive":
            return self.customers.rewrite(row, CustomerArchived, state="archived")
        if change.action == "restore":
            return self.customers.rewrite(row, CustomerRestored, state="live")
        if row.state == "archived":
            raise Archived
        if change.action == "update":
            return await self.seen_again(row, CustomerUpdate(**change.values).changes())
        tags = change.values["tags"]
        kept = [tag for tag in row.tags if tag not in tags]
        added = dict.fromkeys([*row.tags, *tags])
        return self._rewrite(row, tags=[*added] if change.action == "add_tags" else kept)
