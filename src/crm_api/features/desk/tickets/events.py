from typing import ClassVar

from crm_api.kit.events import Event


class TicketCreated(Event):
    type: ClassVar[str] = "ticket.created"


class TicketUpdated(Event):
    type: ClassVar[str] = "ticket.updated"


class TicketAssigned(Event):
    """Somebody takes it on from now on, or nobody does any more."""

    type: ClassVar[str] = "ticket.assigned"


class TicketReplied(Event):
    """The requester was answered: `ticket_message.sent` has what was said."""

    type: ClassVar[str] = "ticket.replied"


class TicketCustomerWrote(Event):
    """A customer has written: `ticket_message.received` has what was said."""

    type: ClassVar[str] = "ticket.customer_wrote"
