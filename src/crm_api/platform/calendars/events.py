from typing import ClassVar

from crm_api.kit.events import Event


class BusinessCalendarCreated(Event):
    type: ClassVar[str] = "business_calendar.created"


class BusinessCalendarUpdated(Event):
    type: ClassVar[str] = "business_calendar.updated"


class BusinessCalendarDeleted(Event):
    type: ClassVar[str] = "business_calendar.deleted"
