from typing import ClassVar

from crm_api.kit.events import Event


class BusinessUnitCreated(Event):
    type: ClassVar[str] = "business_unit.created"


class BusinessUnitUpdated(Event):
    type: ClassVar[str] = "business_unit.updated"


class BusinessUnitMoved(Event):
    """A business unit stands elsewhere, from now on or since a date."""

    type: ClassVar[str] = "business_unit.moved"


class BusinessUnitMovePlanned(Event):
    """A move of a business unit was planned for a date, or its plan changed or given up."""

    type: ClassVar[str] = "business_unit.move_planned"


class BusinessUnitArchived(Event):
    type: ClassVar[str] = "business_unit.archived"


class BusinessUnitRestored(Event):
    type: ClassVar[str] = "business_unit.restored"
