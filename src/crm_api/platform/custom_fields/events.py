from typing import ClassVar

from crm_api.kit.events import Event


class CustomFieldCreated(Event):
    type: ClassVar[str] = "custom_field.created"


class CustomFieldUpdated(Event):
    type: ClassVar[str] = "custom_field.updated"


class CustomFieldRetired(Event):
    type: ClassVar[str] = "custom_field.retired"


class CustomFieldRestored(Event):
    type: ClassVar[str] = "custom_field.restored"


class CustomFieldValuesRemoved(Event):
    """Some records have lost their values; others still have theirs."""

    type: ClassVar[str] = "custom_field.values_removed"


class CustomFieldPurged(Event):
    type: ClassVar[str] = "custom_field.purged"
