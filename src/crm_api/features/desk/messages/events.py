from collections.abc import Mapping
from typing import Any, ClassVar

from crm_api.kit.events import Event

from .models import Direction


class TicketMessageReceived(Event):
    """A customer has written."""

    type: ClassVar[str] = "ticket_message.received"


class TicketMessageSent(Event):
    """The requester was answered: the channel of the message takes it there."""

    type: ClassVar[str] = "ticket_message.sent"


class TicketMessageNoted(Event):
    """Something was written down that customers do not see."""

    type: ClassVar[str] = "ticket_message.noted"


class TicketMessageMoved(Event):
    """It belongs to another ticket from now on, which was made of it."""

    type: ClassVar[str] = "ticket_message.moved"


class TicketMessageDelivered(Event):
    """The next server, or the program behind a channel, has taken it."""

    type: ClassVar[str] = "ticket_message.delivered"


class TicketMessageDelayed(Event):
    type: ClassVar[str] = "ticket_message.delayed"


class TicketMessageDeliveryFailed(Event):
    """An answer does not reach the customer: nothing more is tried."""

    type: ClassVar[str] = "ticket_message.delivery_failed"


def told(message: Mapping[str, Any]) -> type[Event]:
    """What has happened when a message is there."""
    if message["direction"] == Direction.in_:
        return TicketMessageReceived
    return TicketMessageSent if message["is_public"] else TicketMessageNoted
