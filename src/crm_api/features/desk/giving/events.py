from typing import ClassVar

from crm_api.kit.events import Event


class TicketRouted(Event):
    """It was given to an agent of its queue, or taken back from one."""

    type: ClassVar[str] = "ticket.routed"
