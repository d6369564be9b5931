from typing import ClassVar

from crm_api.kit.events import Event


class TaxRateCreated(Event):
    type: ClassVar[str] = "tax_rate.created"


class TaxRateUpdated(Event):
    """A rate was corrected, renamed, or begins or ends on another day."""

    type: ClassVar[str] = "tax_rate.updated"


class TaxRateDeleted(Event):
    type: ClassVar[str] = "tax_rate.deleted"
