from typing import ClassVar

from crm_api.kit.events import Event


class TicketMerged(Event):
    """It is closed, and another one goes on in its place: `merged_into_id`. Also where that one is
    merged in its turn."""

    type: ClassVar[str] = "ticket.merged"


class TicketAbsorbed(Event):
    """Another ticket was merged into it, whose messages stand among its own."""

    type: ClassVar[str] = "ticket.absorbed"


class TicketSplit(Event):
    """Some of its messages belong to a new ticket, whose `split_from_id` names this one."""

    type: ClassVar[str] = "ticket.split"


class TicketLinked(Event):
    """It has to do with another ticket: `links`."""

    type: ClassVar[str] = "ticket.linked"


class TicketUnlinked(Event):
    type: ClassVar[str] = "ticket.unlinked"
