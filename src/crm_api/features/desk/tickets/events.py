from typing import ClassVar

from crm_api.kit.events import Event


class TicketCreated(Event):
    type: ClassVar[str] = "ticket.created"


class TicketUpdated(Event):
    type: ClassVar[str] = "ticket.updated"


class TicketAssigned(Event):
    """Somebody takes it on from now on, or nobody does any more."""

    type: ClassVar[str] = "ticket.assigned"


class TicketPutOnHold(Event):
    """It waits, for the customer or for somebody else."""

    type: ClassVar[str] = "ticket.put_on_hold"


class TicketSnoozed(Event):
    """It waits until a time, and then is open again."""

    type: ClassVar[str] = "ticket.snoozed"


class TicketWoken(Event):
    """It was snoozed until now, and is open again."""

    type: ClassVar[str] = "ticket.woken"


class TicketResumed(Event):
    """It waits no more: somebody works on it, or the customer has written."""

    type: ClassVar[str] = "ticket.resumed"


class TicketResolved(Event):
    type: ClassVar[str] = "ticket.resolved"


class TicketReopened(Event):
    """It was resolved, and is open again."""

    type: ClassVar[str] = "ticket.reopened"


class TicketClosed(Event):
    """Nothing more is done about it; `close_reason` says why."""

    type: ClassVar[str] = "ticket.closed"


class TicketReplied(Event):
    """The requester was answered: `ticket_message.sent` has what was said."""

    type: ClassVar[str] = "ticket.replied"


class TicketCustomerWrote(Event):
    """A customer has written: `ticket_message.received` has what was said."""

    type: ClassVar[str] = "ticket.customer_wrote"
