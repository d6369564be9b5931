from typing import ClassVar

from crm_api.kit.events import Event


class TicketCreated(Event):
    type: ClassVar[str] = "ticket.created"


class TicketUpdated(Event):
    type: ClassVar[str] = "ticket.updated"
