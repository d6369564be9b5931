from typing import ClassVar

from crm_api.kit.events import Event


class TicketStatusCreated(Event):
    type: ClassVar[str] = "ticket_status.created"


class TicketStatusUpdated(Event):
    type: ClassVar[str] = "ticket_status.updated"


class TicketStatusArchived(Event):
    type: ClassVar[str] = "ticket_status.archived"


class TicketStatusRestored(Event):
    type: ClassVar[str] = "ticket_status.restored"
