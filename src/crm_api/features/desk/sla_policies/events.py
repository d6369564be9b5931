from typing import ClassVar

from crm_api.kit.events import Event


class SlaPolicyCreated(Event):
    type: ClassVar[str] = "sla_policy.created"


class SlaPolicyUpdated(Event):
    """What it promises changed, or for which tickets; open clocks follow."""

    type: ClassVar[str] = "sla_policy.updated"


class SlaPolicyArchived(Event):
    type: ClassVar[str] = "sla_policy.archived"


class SlaPolicyRestored(Event):
    type: ClassVar[str] = "sla_policy.restored"
