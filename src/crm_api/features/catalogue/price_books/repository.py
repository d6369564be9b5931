from typing import Any
from uuid import UUID

from crm_api.kit import parents
from crm_api.kit.looking import held_of
from crm_api.kit.naming import NamedRepository

from .models import PriceBook
from .resource import PRICE_BOOK
from .rules import MOST_LEVELS
from .schemas import PriceBookRead


class PriceBookRepository(NamedRepository[PriceBook, PriceBookRead]):
    """Whoever changes the tree locks it first, and before any row."""

    model = PriceBook
    noun = PRICE_BOOK
    read = PriceBookRead
    texts = ("code",)

    async def lock_tree(self) -> None:
        await parents.lock_tree(self.ctx, PriceBook)

    async def parent_of(self, id: UUID, parent: UUID) -> dict[str, Any]:
        """Of a book below which this one may stand, what the two have in common.

        Raises UnknownReference, WrongParent.
        """
        await parents.check_parent(self.ctx, PriceBook, id, parent, MOST_LEVELS)
        names = ("currency", "prices_include_tax")
        [found] = await held_of(self.ctx, PriceBook, [parent], *names)
        return dict(found._mapping)
