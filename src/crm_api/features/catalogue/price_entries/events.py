from typing import ClassVar

from crm_api.kit.events import Event


class PriceEntryCreated(Event):
    type: ClassVar[str] = "price_entry.created"


class PriceEntryUpdated(Event):
    type: ClassVar[str] = "price_entry.updated"


class PriceEntryDeleted(Event):
    type: ClassVar[str] = "price_entry.deleted"
