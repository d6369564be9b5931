from collections.abc import Mapping
from typing import Any, ClassVar

from crm_api.features.desk.terms.schemas import TicketCategory
from crm_api.kit.events import Event


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


def told(ticket: Mapping[str, Any], to: TicketCategory) -> type[Event]:
    """What has happened to a ticket that comes to be in a category."""
    if to == TicketCategory.open:
        was_resolved = ticket["category"] == TicketCategory.resolved
        return TicketReopened if was_resolved else TicketResumed
    ends = {TicketCategory.resolved: TicketResolved, TicketCategory.closed: TicketClosed}
    return ends.get(to, TicketPutOnHold)
