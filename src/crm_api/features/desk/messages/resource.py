from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import TicketMessage

TICKET_MESSAGE = Resource(
    noun="ticket message",
    prefix=Prefix("msg"),
    model=TicketMessage,
    merges={"ticket_messages.customer_id": "repoint"},
    reads="tickets:read",
)
