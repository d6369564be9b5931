from typing import ClassVar

from crm_api.kit.events import Event


class PriceBookCreated(Event):
    type: ClassVar[str] = "price_book.created"


class PriceBookUpdated(Event):
    """The rules, or anything else of a price book changed; its entries have events of their own."""

    type: ClassVar[str] = "price_book.updated"


class PriceBookArchived(Event):
    type: ClassVar[str] = "price_book.archived"


class PriceBookRestored(Event):
    type: ClassVar[str] = "price_book.restored"
