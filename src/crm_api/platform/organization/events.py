from typing import ClassVar

from crm_api.kit.events import Event


class TenantCreated(Event):
    type: ClassVar[str] = "tenant.created"


class TenantClockAdvanced(Event):
    """The clock of a sandbox was advanced."""

    type: ClassVar[str] = "tenant.clock_advanced"


class TenantUpdated(Event):
    type: ClassVar[str] = "tenant.updated"
