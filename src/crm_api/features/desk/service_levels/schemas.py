from typing import Any

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.schema import Read


class TicketClocks(Read):
    """The clocks of a ticket, as they are kept with it."""

    table = TICKET.model

    id: TicketId
    clocks: dict[str, Any]
