from typing import ClassVar

from crm_api.kit.events import Event


class ExchangeRateCreated(Event):
    type: ClassVar[str] = "exchange_rate.created"


class ExchangeRateUpdated(Event):
    """The rate of a day was corrected, or who says so."""

    type: ClassVar[str] = "exchange_rate.updated"


class ExchangeRateDeleted(Event):
    type: ClassVar[str] = "exchange_rate.deleted"
