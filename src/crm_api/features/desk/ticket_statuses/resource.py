from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource

from .models import TicketStatus, TicketStatusState

TICKET_STATUS = Resource(
    noun="ticket status",
    prefix=Prefix("tst"),
    model=TicketStatus,
    machines={"state": live_and_archived(TicketStatusState)},
)
