from typing import ClassVar

from crm_api.kit.events import Event


class TicketCreated(Event):
    type: ClassVar[str] = "ticket.created"


class TicketUpdated(Event):
    type: ClassVar[str] = "ticket.updated"


class TicketAssigned(Event):
    """Somebody takes it on from now on, or nobody does any more."""

    type: ClassVar[str] = "ticket.assigned"
